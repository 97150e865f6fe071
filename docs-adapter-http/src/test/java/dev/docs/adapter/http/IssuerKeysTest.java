package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** When an issuer is asked for its keys, by a clock of the test's own. */
class IssuerKeysTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer http = server();
    private volatile String configuration = "{\"issuer\": \"" + url() + "\", \"jwks_uri\": \"" + url() + "/keys\"}";
    private volatile String keys = "";
    private volatile int status = 200;

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void listen() throws Exception {
        http.createContext("/", exchange -> {
            requests.incrementAndGet();
            boolean isConfiguration = exchange.getRequestURI().getPath().endsWith("configuration");
            byte[] body = (isConfiguration ? configuration : keys).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Location", url() + "/keys");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        tell("first");
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    @Test
    void a_known_key_is_asked_for_again_only_when_it_is_old() throws Exception {
        IssuerKeys issuer = at(null);
        assertThat(find(issuer, "first")).hasSize(1);
        pass(IssuerKeys.OLD);
        assertThat(find(issuer, "first")).hasSize(1);
        assertThat(requests).hasValue(2);

        tell("second");
        pass(Duration.ofNanos(1));
        assertThat(find(issuer, "first")).as("withdrawn").isEmpty();
        assertThat(find(issuer, "second")).hasSize(1);
        assertThat(requests).hasValue(4);
    }

    @Test
    void an_unknown_key_is_asked_for_once_in_a_while() throws Exception {
        IssuerKeys issuer = at(URI.create(url() + "/keys"));
        assertThat(find(issuer, "first")).hasSize(1);
        tell("first", "second");
        for (int i = 0; i < 50; i++) {
            assertThat(find(issuer, "second")).isEmpty();
        }
        assertThat(requests).hasValue(1);

        pass(IssuerKeys.PAUSE);
        assertThat(find(issuer, "second")).hasSize(1);
        assertThat(find(issuer, "third")).isEmpty();
        assertThat(requests).hasValue(2);
        pass(IssuerKeys.PAUSE);
        for (int i = 0; i < 50; i++) {
            assertThat(find(issuer, "third")).isEmpty();
        }
        assertThat(requests).hasValue(3);
        assertThat(find(issuer, "first")).hasSize(1);
    }

    @Test
    void while_the_issuer_fails_what_it_told_goes_on_and_it_is_asked_once_in_a_while() throws Exception {
        IssuerKeys issuer = at(null);
        assertThat(find(issuer, "first")).hasSize(1);
        status = 500;
        pass(Duration.ofDays(30));
        for (int i = 0; i < 50; i++) {
            assertThat(find(issuer, "first")).hasSize(1);
            assertThat(find(issuer, "second")).isEmpty();
        }
        assertThat(requests).hasValue(3);

        status = 200;
        tell("second");
        pass(IssuerKeys.PAUSE);
        assertThat(find(issuer, "first")).isEmpty();
        assertThat(find(issuer, "second")).hasSize(1);
    }

    @Test
    void without_any_key_nothing_can_be_said_and_the_issuer_is_asked_once_in_a_while() throws Exception {
        IssuerKeys issuer = at(null);
        status = 503;
        for (int i = 0; i < 50; i++) {
            unavailable(issuer);
        }
        assertThat(requests).hasValue(1);
        status = 200;
        unavailable(issuer);
        pass(IssuerKeys.PAUSE);
        assertThat(find(issuer, "first")).hasSize(1);
    }

    @Test
    void what_is_no_answer_of_this_issuer_is_none() throws Exception {
        String keysOfOthers = keys;
        for (String wrong : List.of(
                "",
                "[]",
                "nonsense",
                "{}",
                "{\"issuer\": \"" + url() + "\"}",
                "{\"jwks_uri\": \"" + url() + "/keys\"}",
                "{\"issuer\": \"https://elsewhere.example\", \"jwks_uri\": \"" + url() + "/keys\"}",
                "{\"issuer\": \"" + url() + "\", \"jwks_uri\": \"http://192.0.2.1/keys\"}",
                "{\"issuer\": \"" + url() + "\", \"jwks_uri\": \"file:///etc/passwd\"}",
                "{\"issuer\": \"" + url() + "\", \"jwks_uri\": 5}")) {
            configuration = wrong;
            unavailable(at(null));
        }
        for (String wrong : List.of("", "[]", "{\"keys\": 5}", "{\"keys\": [", " ".repeat(600_000) + keysOfOthers)) {
            keys = wrong;
            unavailable(at(URI.create(url() + "/keys")));
        }
        keys = keysOfOthers;
        for (int redirect : new int[] {201, 301, 302, 307}) {
            status = redirect;
            unavailable(at(URI.create(url() + "/elsewhere")));
        }
        status = 200;
        int before = requests.get();
        unavailable(at(URI.create("http://localhost.example/keys")));
        assertThat(requests).hasValue(before);
        assertThat(find(at(URI.create(url() + "/keys")), "first")).hasSize(1);
    }

    @Test
    void only_addresses_that_nobody_on_the_way_can_change_are_trusted() {
        for (String good :
                List.of("https://login.example.org/x", "http://127.0.0.1:80", "http://localhost/", "http://[::1]/")) {
            assertThat(JwtOptions.isTrustworthy(URI.create(good))).as(good).isTrue();
        }
        for (String bad : List.of(
                "http://login.example.org",
                "http://127.0.0.1.example.org",
                "ftp://localhost/",
                "file:///x",
                "x",
                "https:x")) {
            assertThat(JwtOptions.isTrustworthy(URI.create(bad))).as(bad).isFalse();
        }
    }

    private String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private IssuerKeys at(@Nullable URI address) {
        return new IssuerKeys(url(), address, nanos::get);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void tell(String... ids) throws Exception {
        List<JWK> all = new ArrayList<>();
        for (String id : ids) {
            all.add(new RSAKeyGenerator(2048).keyID(id).generate().toPublicJWK());
        }
        keys = new JWKSet(all).toString();
    }

    private static List<JWK> find(IssuerKeys issuer, String id) throws Exception {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(id).build();
        return issuer.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
    }

    private static void unavailable(IssuerKeys issuer) {
        assertThatThrownBy(() -> find(issuer, "first")).isInstanceOf(JWKSetUnavailableException.class);
    }
}
