package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.docs.adapter.http.Authenticator;
import dev.docs.adapter.http.DocsServer;
import dev.docs.adapter.http.HttpOptions;
import dev.docs.adapter.http.Telemetry;
import dev.docs.application.Docs;
import dev.docs.application.Links;
import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryLinkKeyRepository;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.Caller;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Who has a link is let in, so no log may have one. */
final class LinkLogTest {
    @Test
    void the_log_tells_of_links_that_were_followed_but_shows_none() throws Exception {
        InMemoryDocumentRepository rows = new InMemoryDocumentRepository();
        Docs docs = Docs.builder()
                .repository(rows)
                .store("main", new InMemoryStorage())
                .build();
        Links links = new Links(new InMemoryLinkKeyRepository(rows), docs.documents(), user -> true, Clock.systemUTC());
        Caller anna = Caller.user("anna");
        UUID id = docs.documents()
                .create(anna, NewDocument.named("a"), NewContent.of(new byte[5]))
                .id();
        String token =
                links.toContent(anna, id, null, false, Duration.ofHours(1)).token();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.setLevel(Level.INFO);
        root.addAppender(log);
        Telemetry told = new Telemetry(Telemetry.AccessLog.USERS, exchange -> {}, null, null);
        HttpOptions options = HttpOptions.DEFAULT.withPort(0);
        try (DocsServer server = DocsServer.start(options, docs.documents(), Authenticator.none("anna"), told, links)) {
            HttpClient http = HttpClient.newHttpClient();
            for (String request : List.of("GET ", "HEAD ", "POST ", "OPTIONS ", "GET x", "GET /x")) {
                String[] parts = request.split(" ", 2);
                String url = "http://127.0.0.1:" + server.port() + "/v1/l/" + token + parts[1];
                http.send(
                        HttpRequest.newBuilder(URI.create(url))
                                .method(parts[0], BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.discarding());
            }
        } finally {
            root.detachAppender(log);
            root.setLevel(level);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.startsWith("GET /v1/l/{token} 200"))
                .noneMatch(line -> line.contains(token.substring(0, 50)));
    }
}
