package dev.docs.adapter.http;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The public keys of an issuer, as it last told them. They are asked for again when they are old, and when a token names one
 * that is not among them, but no sooner than {@link #PAUSE} after the last time: what strangers send must not become
 * requests to the issuer. While it does not answer, the keys it told before go on.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {
    /** Least time between two requests to the issuer. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** After this, keys are asked for again: so long a withdrawn one may still be taken. */
    static final Duration OLD = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
    private static final int MAX_BYTES = 512 << 10;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final ReentrantLock asking = new ReentrantLock();
    private final String issuer;
    private final @Nullable URI address;
    private final LongSupplier nanoTime;
    private volatile @Nullable Told told;
    private volatile @Nullable Long askedAt;

    private record Told(JWKSet keys, long at) {}

    /**
     * @param address of the keys; null to ask for it at the issuer's (OpenID Connect Discovery 1.0)
     * @param nanoTime a clock that only goes forward
     */
    IssuerKeys(String issuer, @Nullable URI address, LongSupplier nanoTime) {
        this.issuer = issuer;
        this.address = address;
        this.nanoTime = nanoTime;
    }

    /**
     * @throws JWKSetUnavailableException if the issuer has never told its keys
     */
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws JWKSetUnavailableException {
        Told known = told;
        if (known == null || nanoTime.getAsLong() - known.at > OLD.toNanos()) {
            known = refresh(known);
        }
        List<JWK> found = selector.select(known.keys);
        return found.isEmpty() ? selector.select(refresh(known).keys) : found;
    }

    /**
     * Asks the issuer if it may be asked. Whoever knows keys waits for nobody who is asking already.
     *
     * @param known what there was before
     */
    private Told refresh(@Nullable Told known) throws JWKSetUnavailableException {
        if (known == null) {
            asking.lock();
        } else if (!asking.tryLock()) {
            return known;
        }
        try {
            Told now = told;
            Long last = askedAt;
            if (last == null || nanoTime.getAsLong() - last >= PAUSE.toNanos()) {
                askedAt = nanoTime.getAsLong();
                now = new Told(ask(), nanoTime.getAsLong());
                told = now;
            }
            if (now != null) {
                return now;
            }
            throw new JWKSetUnavailableException("the issuer was asked in vain a moment ago");
        } catch (IOException e) {
            log.warn(
                    "the keys of {} can't be had{}: {}",
                    issuer,
                    known == null ? "" : "; the old ones go on",
                    e.toString());
            if (known == null) {
                throw new JWKSetUnavailableException("the issuer does not tell its keys", e);
            }
            // old as they are, they are asked for again after a pause, as those of an issuer that answers
            return known;
        } finally {
            asking.unlock();
        }
    }

    private JWKSet ask() throws IOException {
        try {
            URI keys = address;
            if (keys == null) {
                String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
                Map<String, Object> configuration =
                        JSONObjectUtils.parse(get(URI.create(base + "/.well-known/openid-configuration")));
                if (!issuer.equals(configuration.get("issuer"))) {
                    throw new IOException("the configuration is that of another issuer");
                }
                keys = JSONObjectUtils.getURI(configuration, "jwks_uri");
            }
            if (keys == null) {
                throw new IOException("the configuration does not say where the keys are");
            }
            return JWKSet.parse(get(keys));
        } catch (ParseException | IllegalArgumentException e) {
            throw new IOException("what the issuer told can't be read", e);
        }
    }

    private String get(URI from) throws IOException {
        if (!JwtOptions.isTrustworthy(from)) {
            throw new IOException("the address is not one to trust");
        }
        HttpRequest request = HttpRequest.newBuilder(from)
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .build();
        try {
            HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                if (answer.statusCode() != 200) {
                    throw new IOException("the answer is " + answer.statusCode());
                }
                byte[] bytes = body.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new IOException("the answer has more than " + MAX_BYTES + " bytes");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
