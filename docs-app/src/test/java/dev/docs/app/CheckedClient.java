package dev.docs.app;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A client that holds every exchange against the {@link ApiContract}: the call fails if it is not as described. */
final class CheckedClient extends HttpClient {
    private static final long LONGEST_KEPT = 1 << 20;

    private final HttpClient http;

    CheckedClient(HttpClient http) {
        this.http = http;
    }

    static HttpClient create() {
        return new CheckedClient(HttpClient.newHttpClient());
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return checked(request, http.send(request, handler));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return http.sendAsync(request, handler).thenApply(response -> checked(request, response));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
        return http.sendAsync(request, handler, pushes).thenApply(response -> checked(request, response));
    }

    private static <T> HttpResponse<T> checked(HttpRequest request, HttpResponse<T> response) {
        BodyPublisher publisher = request.bodyPublisher().orElseGet(BodyPublishers::noBody);
        ApiContract.OURS.check(new ApiContract.Exchange(
                method(request),
                request.uri(),
                request.headers(),
                sent(request, publisher),
                publisher.contentLength() != 0,
                response.statusCode(),
                response.headers(),
                received(response.body())));
        return response;
    }

    /** A POST to an upload may stand for another method: tus has it for clients that can't send PATCH. */
    private static String method(HttpRequest request) {
        boolean mayBeAnother =
                request.method().equals("POST") && request.uri().getPath().startsWith("/v1/uploads/");
        return mayBeAnother
                ? request.headers().firstValue("X-HTTP-Method-Override").orElse("POST")
                : request.method();
    }

    /** JSON, and what has no type; the rest may be long. */
    private static @Nullable String sent(HttpRequest request, BodyPublisher publisher) {
        boolean text = request.headers()
                .firstValue("Content-Type")
                .map(type -> type.contains("json"))
                .orElse(true);
        long length = publisher.contentLength();
        if (!text || length < 1 || length > LONGEST_KEPT) {
            return null;
        }
        Collected collected = new Collected();
        publisher.subscribe(collected);
        return collected.text.join();
    }

    private static @Nullable String received(@Nullable Object body) {
        if (body instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        return body instanceof String text ? text : null;
    }

    private static final class Collected implements Flow.Subscriber<ByteBuffer> {
        final CompletableFuture<String> text = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            ByteBuffer copy = buffer.duplicate();
            byte[] part = new byte[copy.remaining()];
            copy.get(part);
            bytes.writeBytes(part);
        }

        @Override
        public void onError(Throwable failure) {
            text.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            text.complete(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    // The rest is the client's own

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return http.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return http.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return http.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return http.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return http.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return http.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return http.authenticator();
    }

    @Override
    public Version version() {
        return http.version();
    }

    @Override
    public Optional<Executor> executor() {
        return http.executor();
    }
}
