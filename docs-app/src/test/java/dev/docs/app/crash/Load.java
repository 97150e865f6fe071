package dev.docs.app.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.docs.app.crash.Client.Answer;
import dev.docs.app.crash.Client.Outcome;
import dev.docs.app.crash.History.Asked;
import dev.docs.app.crash.History.Known;
import dev.docs.app.crash.Ledger.Creation;
import dev.docs.app.crash.State.Blob;
import org.awaitility.Awaitility;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Clients that do everything a document can go through, at random and at once. They share the documents and write down
 * what they are about to ask for before they ask, and what they were told.
 */
final class Load {
    private static final int CLIENTS = 8;

    /** Documents from here on are purged rather than made. */
    private static final int MANY = 50;

    /** Far more than the documents ever have. To ask for more is what makes a transaction roll back for sure. */
    static final long QUOTA = 4L << 30;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Client client;
    private final Ledger ledger;
    private final List<URI> servers;
    private final List<Future<?>> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private volatile boolean ended;
    private volatile boolean distrusts;

    private Load(Client client, Ledger ledger, List<URI> servers) {
        this.client = client;
        this.ledger = ledger;
        this.servers = servers;
    }

    /** @param servers any number of servers on the same data */
    static Load start(Client client, Ledger ledger, List<URI> servers, Random random) {
        Load load = new Load(client, ledger, servers);
        for (int i = 0; i < CLIENTS; i++) {
            Random own = new Random(random.nextLong());
            load.clients.add(load.threads.submit(() -> {
                while (!load.ended) {
                    load.step(own);
                }
                return null;
            }));
        }
        return load;
    }

    /** Waits until so many more requests were acknowledged. */
    void awaitAcknowledged(long more) throws InterruptedException {
        long enough = ledger.acknowledged() + more;
        await(() -> ledger.acknowledged() >= enough);
    }

    /** Waits for what the requests are to bring about. */
    void await(BooleanSupplier event) throws InterruptedException {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> event.getAsBoolean() || clients.stream().anyMatch(Future::isDone));
        } catch (RuntimeException e) {
            end();
            throw e;
        }
        if (clients.stream().anyMatch(Future::isDone)) {
            end();
        }
    }

    /** Nothing new is sent from here on. */
    void last() {
        ended = true;
    }

    /** From here on no answer says anything: the server goes on for a moment after its disk has lost its power. */
    void distrust() {
        distrusts = true;
    }

    /** Waits until every request has its answer or a broken connection. */
    void end() throws InterruptedException {
        last();
        threads.shutdown();
        for (Future<?> future : clients) {
            try {
                future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new Violation("a client: " + e.getCause(), e.getCause());
            } catch (TimeoutException e) {
                throw new Violation("a request was never answered", e);
            }
        }
    }

    private void step(Random random) throws InterruptedException {
        URI server = servers.get(random.nextInt(servers.size()));
        List<History> live = ledger.live();
        if (random.nextInt(100) < 8) {
            many(random, server, live);
            return;
        }
        if (live.isEmpty() || (live.size() < MANY && random.nextInt(100) < 40)) {
            create(random, server);
            return;
        }
        // a few documents are popular
        int range = random.nextInt(3) == 0 ? Math.min(3, live.size()) : live.size();
        History document = live.get(random.nextInt(range));
        Known base = document.latest();
        boolean purge = random.nextInt(100) < (live.size() < MANY ? 10 : 40);
        if (purge) {
            purge(server, document, base);
        } else if (random.nextInt(100) < 12) {
            read(server, document);
        } else {
            change(random, server, document, base);
        }
    }

    // Many at once

    private void many(Random random, URI server, List<History> live) throws InterruptedException {
        Many request = ledger.take();
        if (request == null) {
            boolean create = live.size() < MANY && random.nextBoolean();
            request = create ? Form.of(random, ledger) : Bulk.of(random, ledger, live, live.size() > MANY);
            if (request.isKeyed()) {
                ledger.open(request);
            }
        }
        if (request.send(this, server)) {
            ledger.answered(request);
        } else if (request.isKeyed()) {
            ledger.leaveOpen(request);
        }
    }

    // Creating

    private void create(Random random, URI server) throws InterruptedException {
        long mark = ledger.nextMark();
        State first = State.pending("new-" + mark, mark);
        if (random.nextInt(10) == 0) {
            Creation creation = new Creation(first, null, true, false);
            ledger.create(creation);
            String json = "{\"name\": \"%s\", \"metadata\": {\"mark\": %d}, \"size_bytes\": %d}"
                    .formatted(first.name(), mark, random.nextInt(3) == 0 ? 2 * QUOTA : random.nextInt(50_000));
            Answer answer = send(client.request(server, "/v1/documents")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(json)));
            created(creation, answer.outcome(), answer.body(), new Known(1, first));
            return;
        }
        if (random.nextInt(5) == 0) {
            createInParts(random, first);
            return;
        }
        byte[] bytes = bytes(random);
        Blob content = blob(bytes);
        boolean cut = random.nextInt(15) == 0;
        Creation creation = new Creation(first, content, !cut, false);
        ledger.create(creation);
        String head = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + first.name()
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"mark\": " + mark + "}"
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofString(head), body(random, bytes, cut), BodyPublishers.ofString("\r\n--b--\r\n"));
        Answer answer = send(client.request(server, "/v1/documents")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(body));
        created(creation, answer.outcome(), answer.body(), new Known(2, first.with(content)));
    }

    /** By tus, each part at any of the servers. What was acknowledged has to be there when the next one comes. */
    private void createInParts(Random random, State first) throws InterruptedException {
        byte[] bytes = new byte[Ledger.INLINE_MAX + 1 + random.nextInt(200_000)];
        random.nextBytes(bytes);
        Creation creation = new Creation(first, blob(bytes), true, false);
        ledger.create(creation);
        Answer answer = send(tus(random, "/v1/uploads")
                .header("Upload-Length", "" + bytes.length)
                .header(
                        "Upload-Metadata",
                        "filename " + base64(first.name()) + ",metadata " + base64("{\"mark\": " + first.mark() + "}"))
                .POST(BodyPublishers.noBody()));
        String upload = answer.outcome() == Outcome.ACKNOWLEDGED ? answer.header("Location") : "";
        for (int sent = 0; answer.outcome() == Outcome.ACKNOWLEDGED && sent < bytes.length; ) {
            int length = random.nextInt(3) == 0 ? bytes.length - sent : 1 + random.nextInt(bytes.length - sent);
            answer = send(tus(random, upload)
                    .header("Upload-Offset", "" + sent)
                    .header("Content-Type", "application/offset+octet-stream")
                    .method("PATCH", BodyPublishers.ofByteArray(bytes, sent, length)));
            sent += length;
            if (Client.isProblem(answer.body(), "offset-mismatch")
                    || (answer.outcome() == Outcome.ACKNOWLEDGED
                            && !answer.header("Upload-Offset").equals("" + sent))) {
                throw new Violation("after " + sent + " bytes of " + upload + ": " + answer);
            }
        }
        if (answer.outcome() == Outcome.ACKNOWLEDGED) {
            UUID id = UUID.fromString(answer.header("Docs-Document-Id"));
            ledger.created(creation, id, new Known(2, first.with(blob(bytes))));
            ledger.countInParts();
        } else if (answer.outcome() == Outcome.REFUSED) {
            ledger.create(creation.refused());
        }
    }

    private HttpRequest.Builder tus(Random random, String path) {
        return client.request(servers.get(random.nextInt(servers.size())), path).header("Tus-Resumable", "1.0.0");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    void created(Creation creation, Outcome outcome, JsonNode document, Known expected) {
        if (outcome == Outcome.ACKNOWLEDGED) {
            Known known = known(document);
            if (!known.equals(expected) || !creation.mayBeActive()) {
                throw new Violation("created " + known + ", requested " + creation);
            }
            ledger.created(creation, UUID.fromString(document.get("id").asText()), known);
        } else if (outcome == Outcome.REFUSED) {
            ledger.create(creation.refused());
        }
    }

    // Changing

    private void change(Random random, URI server, History document, Known base) throws InterruptedException {
        State state = base.state();
        int older = random.nextInt(100) < 25 ? document.older(random, state.version()) : 0;
        if (older > 0) {
            changeVersions(random, server, document, base, older);
            return;
        }
        int choice = random.nextInt(100);
        if (!state.status().equals(State.ARCHIVED) && choice < 50) {
            replaceContent(random, server, document, base);
        } else if (state.content() != null && choice < 75) {
            boolean archived = state.status().equals(State.ARCHIVED);
            State next = state.in(archived ? State.ACTIVE : State.ARCHIVED);
            if (!archived && random.nextBoolean()) {
                settle(
                        server,
                        document,
                        base,
                        next,
                        conditional(server, document, base, "").DELETE());
            } else {
                patch(server, document, base, next, "{\"status\": \"" + next.status() + "\"}");
            }
        } else {
            long mark = ledger.nextMark();
            State next = state.described(random.nextBoolean() ? state.name() : "renamed-" + mark, mark);
            patch(
                    server,
                    document,
                    base,
                    next,
                    "{\"name\": \"%s\", \"metadata\": {\"mark\": %d}}".formatted(next.name(), mark));
        }
    }

    private void patch(URI server, History document, Known base, State next, String json) throws InterruptedException {
        settle(
                server,
                document,
                base,
                next,
                conditional(server, document, base, "")
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", BodyPublishers.ofString(json)));
    }

    private void replaceContent(Random random, URI server, History document, Known base) throws InterruptedException {
        byte[] bytes = bytes(random);
        HttpRequest.Builder request =
                conditional(server, document, base, "/content").header("Content-Type", "application/octet-stream");
        if (base.state().status().equals(State.ERROR) && bytes.length > Ledger.INLINE_MAX) {
            // a second attempt in two steps, of which the first may be the only one
            document.intend(base.revision() + 1, base.state().in(State.PENDING));
            State next = base.state().with(blob(bytes));
            settle(
                    server,
                    document,
                    new Known(base.revision() + 1, base.state()),
                    next,
                    request.PUT(body(random, bytes, false)));
        } else if (random.nextInt(15) == 0
                // one byte more may be announced than there is, and that too must be too little for a second attempt
                && (!base.state().status().equals(State.ERROR) || bytes.length < Ledger.INLINE_MAX)) {
            Answer answer = send(request.PUT(body(random, bytes, true)));
            if (answer.outcome() == Outcome.ACKNOWLEDGED) {
                throw new Violation("half a body became content of " + document.id());
            }
        } else {
            State next = base.state().with(blob(bytes));
            settle(server, document, base, next, request.PUT(body(random, bytes, false)));
        }
    }

    private void changeVersions(Random random, URI server, History document, Known base, int older)
            throws InterruptedException {
        String version = "/versions/" + older;
        if (random.nextBoolean() && !base.state().status().equals(State.ARCHIVED)) {
            settle(
                    server,
                    document,
                    base,
                    base.state().with(document.version(older)),
                    conditional(server, document, base, version + "/restore").POST(BodyPublishers.noBody()));
            return;
        }
        document.intendDrop(older);
        Answer answer = send(conditional(server, document, base, version).DELETE());
        if (answer.outcome() == Outcome.ACKNOWLEDGED) {
            document.dropped(older);
        } else {
            if (answer.outcome() == Outcome.REFUSED) {
                document.dropRefused(older);
            }
            look(server, document);
        }
    }

    private HttpRequest.Builder conditional(URI server, History document, Known base, String below) {
        return client.request(server, "/v1/documents/" + document.id() + below)
                .header("If-Match", "\"r" + base.revision() + "\"");
    }

    private void settle(URI server, History document, Known base, State next, HttpRequest.Builder request)
            throws InterruptedException {
        long revision = base.revision() + 1;
        document.intend(revision, next);
        Answer answer = send(request);
        switch (answer.outcome()) {
            case ACKNOWLEDGED -> {
                Known told = answer.status() == 204 ? new Known(revision, next) : known(answer.body());
                if (!told.equals(new Known(revision, next))) {
                    throw new Violation("document " + document.id() + ": asked for revision " + revision + ", " + next
                            + "; got " + told);
                }
                document.acknowledge(revision, next);
            }
            case REFUSED -> {
                document.refused(revision, next);
                look(server, document);
            }
            case UNKNOWN -> look(server, document);
        }
    }

    private void purge(URI server, History document, Known base) throws InterruptedException {
        if (!document.intendPurge(base.revision())) {
            return;
        }
        Answer answer = send(conditional(server, document, base, "?purge=true").DELETE());
        switch (answer.outcome()) {
            case ACKNOWLEDGED -> document.purged(base.revision());
            case REFUSED -> {
                document.purgeRefused(base.revision());
                look(server, document);
            }
            case UNKNOWN -> look(server, document);
        }
    }

    // Reading

    HttpRequest.Builder request(URI server, String path) {
        return client.request(server, path);
    }

    void look(URI server, History document) throws InterruptedException {
        Asked asked = document.ask();
        Answer answer = client.send(client.request(server, "/v1/documents/" + document.id()));
        if (answer.status() == 200) {
            document.observe(known(answer.body()), asked);
        } else if (answer.status() == 404) {
            document.observeAbsence(asked);
        }
    }

    private void read(URI server, History document) throws InterruptedException {
        Blob got = client.download(server, "/v1/documents/" + document.id() + "/content");
        if (got != null && !document.knows(got)) {
            throw new Violation("document " + document.id() + ": a reader got " + got + ", which nobody sent");
        }
    }

    Answer send(HttpRequest.Builder request) throws InterruptedException {
        Answer answer = client.send(request);
        if (distrusts) {
            answer = new Answer(Outcome.UNKNOWN, answer.status(), answer.headers(), answer.body());
        }
        ledger.count(answer.outcome());
        return answer;
    }

    void countMany(int documents) {
        ledger.countMany(documents);
    }

    static Known known(JsonNode json) {
        return new Known(json.get("revision").asLong(), State.of(json));
    }

    // Content

    static byte[] bytes(Random random) {
        int kind = random.nextInt(100);
        int length;
        if (kind < 45) {
            length = random.nextInt(Ledger.INLINE_MAX);
        } else if (kind < 50) {
            length = Ledger.INLINE_MAX + random.nextInt(2);
        } else if (kind < 92) {
            length = 20_000 + random.nextInt(180_000);
        } else {
            length = 200_000 + random.nextInt(1_800_000);
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static Blob blob(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Blob(HexFormat.of().formatHex(digest), bytes.length);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** @param cut whether the connection breaks in the middle */
    static BodyPublisher body(Random random, byte[] bytes, boolean cut) {
        if (cut) {
            int sent = random.nextInt(bytes.length + 1);
            BodyPublisher half = BodyPublishers.ofInputStream(
                    () -> new SequenceInputStream(new ByteArrayInputStream(bytes, 0, sent), new Breaking()));
            return random.nextBoolean() ? half : BodyPublishers.fromPublisher(half, bytes.length + 1L);
        }
        return random.nextInt(3) == 0
                ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))
                : BodyPublishers.ofByteArray(bytes);
    }

    /** A source that fails, and so breaks the connection. */
    private static final class Breaking extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("cut");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            throw new IOException("cut");
        }
    }
}
