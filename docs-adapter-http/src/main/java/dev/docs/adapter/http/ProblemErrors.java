package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/** Problem details for what fails before a route is reached: broken requests, oversized headers, a server that stops. */
final class ProblemErrors extends ErrorHandler {
    private final Cors cors;

    ProblemErrors(Cors cors) {
        this.cors = cors;
    }

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Wire.PROBLEM);
        if (code == HttpStatus.SERVICE_UNAVAILABLE_503) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "5");
        }
        Problem problem = Problem.ofStatus(code);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, DocsServer.NOT_KEPT);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        Exchanges.name(request, response);
        cors.allow(request, response);
        Exchanges.problem(request, problem);
        response.write(true, body(problem, Exchanges.requestId(request)), callback);
    }

    /** Says nothing but the status: what Jetty would add speaks of its own inside. */
    private static ByteBuffer body(Problem problem, String requestId) {
        return ByteBuffer.wrap(Wire.write(Wire.problem(problem, requestId)));
    }
}
