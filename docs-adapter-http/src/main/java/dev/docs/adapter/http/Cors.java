package dev.docs.adapter.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * Lets pages of other origins use the API from a browser (the Fetch standard, CORS protocol). Of named origins only, and never
 * with what a browser adds by itself: who calls says so with a token in a header.
 */
final class Cors extends Handler.Wrapper {
    private static final String ORIGIN = "Origin";
    private static final String ASKED_METHOD = "Access-Control-Request-Method";
    private static final String MAX_AGE_SECONDS = "7200";
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /** Besides those that every page may send. */
    private static final String REQUEST_HEADERS = String.join(
            ", ",
            "Authorization",
            "Content-Type",
            "If-Match",
            "If-None-Match",
            "If-Modified-Since",
            "If-Unmodified-Since",
            "If-Range",
            "Range",
            "Idempotency-Key",
            "Repr-Digest",
            "Content-Digest",
            "Want-Repr-Digest",
            "Want-Content-Digest",
            "X-Request-Id",
            "traceparent",
            "X-HTTP-Method-Override",
            "X-Requested-With",
            "Tus-Resumable",
            "Upload-Length",
            "Upload-Defer-Length",
            "Upload-Metadata",
            "Upload-Offset",
            "Upload-Checksum");

    /** Besides those that every page may read. */
    private static final String ANSWER_HEADERS = String.join(
            ", ",
            "ETag",
            "Location",
            "Link",
            "Accept-Ranges",
            "Content-Range",
            "Content-Length",
            "Content-Disposition",
            "Content-Location",
            "Repr-Digest",
            "Content-Digest",
            "Digest",
            "Allow",
            "Accept-Patch",
            "Accept-Post",
            "Retry-After",
            "WWW-Authenticate",
            "Idempotency-Replayed",
            "X-Request-Id",
            "Docs-Document-Id",
            "Tus-Resumable",
            "Tus-Version",
            "Tus-Extension",
            "Tus-Max-Size",
            "Tus-Checksum-Algorithm",
            "Upload-Offset",
            "Upload-Length",
            "Upload-Defer-Length",
            "Upload-Metadata",
            "Upload-Expires");

    private final Set<String> origins;

    /** @param origins as browsers send them, {@code https://example.org}; compared as they are */
    Cors(Handler handler, Set<String> origins) {
        super(handler);
        this.origins = Set.copyOf(origins);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        allow(request, response);
        if (allowed(request) != null
                && HttpMethod.OPTIONS.is(request.getMethod())
                && request.getHeaders().contains(ASKED_METHOD)) {
            HttpFields.Mutable headers = response.getHeaders();
            headers.put("Access-Control-Allow-Methods", METHODS);
            headers.put("Access-Control-Allow-Headers", REQUEST_HEADERS);
            headers.put("Access-Control-Max-Age", MAX_AGE_SECONDS);
            response.setStatus(204);
            callback.succeeded();
            return true;
        }
        return super.handle(request, response, callback);
    }

    /** Says who may read an answer; once more for one whose headers were cleared, or that never came to be handled. */
    void allow(Request request, Response response) {
        if (origins.isEmpty()) {
            return;
        }
        HttpFields.Mutable headers = response.getHeaders();
        if (!headers.contains(HttpHeader.VARY, ORIGIN)) {
            // an answer to one origin, or to none, is not to be taken for one to another
            headers.add(HttpHeader.VARY, ORIGIN);
        }
        String origin = allowed(request);
        if (origin != null) {
            headers.put("Access-Control-Allow-Origin", origin);
            headers.put("Access-Control-Expose-Headers", ANSWER_HEADERS);
        }
    }

    private @Nullable String allowed(Request request) {
        String origin = request.getHeaders().get(ORIGIN);
        return origin != null && origins.contains(origin) ? origin : null;
    }
}
