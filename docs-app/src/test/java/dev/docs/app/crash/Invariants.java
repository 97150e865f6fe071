package dev.docs.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.docs.adapter.fs.FileSystemStorage;
import dev.docs.adapter.jdbi.Database;
import dev.docs.app.crash.History.Known;
import dev.docs.app.crash.State.Blob;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** What must hold after every kill, checked without believing the server's own checks. */
final class Invariants {
    private static final Duration QUIET = Duration.ofSeconds(30);

    private final Client client;
    private final Ledger ledger;
    private final Path files;

    /** The revision of each document when its content was last read. */
    private final Map<UUID, Long> read = new HashMap<>();

    /** @param files root of the server's only store */
    Invariants(Client client, Ledger ledger, Path files) {
        this.client = client;
        this.ledger = ledger;
        this.files = files;
    }

    /** Checks every document, and reads those that have changed since the last check. No request may be under way. */
    void checkChanged(URI server) throws InterruptedException {
        Map<UUID, JsonNode> listed = list(server);
        identify(server, listed);
        Set<UUID> changed = new LinkedHashSet<>();
        listed.forEach((id, document) -> {
            boolean isOther = document.get("revision").asLong() != read.getOrDefault(id, 0L);
            if (isOther || Objects.requireNonNull(ledger.find(id)).mayHaveDropped()) {
                changed.add(id);
            }
        });
        read(server, changed);
        ledger.settle();
        remember(listed);
    }

    /** Checks all that can be seen from outside. No request may be under way. */
    void check(URI server) throws InterruptedException {
        Map<UUID, JsonNode> listed = list(server);
        identify(server, listed);
        Map<UUID, List<Blob>> contents = read(server, listed.keySet());
        ledger.settle();
        remember(listed);
        awaitQuiet(server, contents);
        Map<UUID, JsonNode> quiet = list(server);
        identify(server, quiet);
        // the sweep may have removed some whose upload had died, which the line before has checked
        assertThat(listed.keySet()).containsAll(quiet.keySet());
        recount(server, quiet, contents);
    }

    private void remember(Map<UUID, JsonNode> listed) {
        read.clear();
        listed.forEach((id, document) -> read.put(id, document.get("revision").asLong()));
    }

    private Map<UUID, JsonNode> list(URI server) throws InterruptedException {
        Map<UUID, JsonNode> listed = new LinkedHashMap<>();
        String cursor = "";
        do {
            JsonNode page = client.read(server, "/v1/documents?status=any&limit=200" + cursor);
            for (JsonNode item : page.get("items")) {
                if (listed.put(UUID.fromString(item.get("id").asText()), item) != null) {
                    throw new Violation("listed twice: " + item);
                }
            }
            JsonNode next = page.get("next_cursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asText();
        } while (!cursor.isEmpty());
        return listed;
    }

    /** Everything acknowledged is there, everything there was asked for, and what is purged is gone. */
    private void identify(URI server, Map<UUID, JsonNode> listed) throws InterruptedException {
        for (Map.Entry<UUID, JsonNode> entry : listed.entrySet()) {
            Known seen = Load.known(entry.getValue());
            History history = ledger.find(entry.getKey());
            if (history == null) {
                ledger.adopt(entry.getKey(), seen);
            } else {
                history.recover(seen);
            }
        }
        for (History history : ledger.all()) {
            if (!listed.containsKey(history.id())) {
                boolean known = history.isGone();
                history.recover(null);
                if (!known) {
                    Client.Answer answer = client.send(client.request(server, "/v1/documents/" + history.id()));
                    assertThat(answer.status()).as("document " + history.id()).isEqualTo(404);
                }
            }
        }
    }

    /** Reads every version of every document to its end; what the versions of each have, from the oldest on. */
    private Map<UUID, List<Blob>> read(URI server, Set<UUID> ids) throws InterruptedException {
        ExecutorService readers = Executors.newFixedThreadPool(4);
        try {
            Map<UUID, Future<List<Blob>>> reading = new LinkedHashMap<>();
            for (UUID id : ids) {
                reading.put(id, readers.submit((Callable<List<Blob>>) () -> read(server, id)));
            }
            Map<UUID, List<Blob>> contents = new HashMap<>();
            for (Map.Entry<UUID, Future<List<Blob>>> entry : reading.entrySet()) {
                contents.put(entry.getKey(), entry.getValue().get());
            }
            return contents;
        } catch (ExecutionException e) {
            throw new Violation(String.valueOf(e.getCause()), e);
        } finally {
            readers.shutdown();
        }
    }

    private List<Blob> read(URI server, UUID id) throws InterruptedException {
        History history = Objects.requireNonNull(ledger.find(id));
        State state = history.latest().state();
        String url = "/v1/documents/" + id;
        List<Blob> contents = new ArrayList<>();
        boolean active = state.status().equals(State.ACTIVE);
        int number = state.version();
        String cursor = "";
        while (number > 0) {
            JsonNode page = client.read(server, url + "/versions?limit=200" + cursor);
            for (JsonNode version : page.get("items")) {
                for (; number > version.get("version").asInt(); number--) {
                    history.observeDrop(number);
                }
                Blob said = Objects.requireNonNull(Blob.of(version));
                boolean current = active && number == state.version();
                Blob read = client.download(server, url + "/content" + (current ? "" : "?version=" + number));
                if (!said.equals(read) || (current && !said.equals(state.content()))) {
                    throw new Violation(
                            "document " + id + ": version " + number + " is " + said + " on record, read was " + read);
                }
                history.observeVersion(number, said);
                contents.add(0, said);
                number--;
            }
            JsonNode next = page.get("next_cursor");
            for (; number > 0 && next.isNull(); number--) {
                history.observeDrop(number);
            }
            cursor = "&cursor=" + next.asText();
        }
        return contents;
    }

    /** Nothing stays pending or reserved, and no file stays that no version has. */
    private void awaitQuiet(URI server, Map<UUID, List<Blob>> contents) {
        Map<Long, Integer> expected = new TreeMap<>();
        // versions that were restored share their bytes; no two others have the same
        contents.values().stream()
                .flatMap(versions -> versions.stream().distinct())
                .map(Blob::size)
                .filter(size -> size > Ledger.INLINE_MAX)
                .forEach(size -> expected.merge(size, 1, Integer::sum));
        String[] last = {""};
        try {
            Awaitility.await().atMost(QUIET).pollInterval(Duration.ofMillis(50)).until(() -> {
                JsonNode usage = client.read(server, "/v1/usage");
                Map<Long, Integer> surplus = sizes(files);
                expected.forEach((size, count) -> surplus.merge(size, -count, Integer::sum));
                surplus.values().removeIf(count -> count == 0);
                last[0] = "files by size, more (or less) than versions: " + surplus + ", drafts: "
                        + sizes(files.resolve("tmp")).size() + ", usage: " + usage;
                return surplus.isEmpty()
                        && sizes(files.resolve("tmp")).isEmpty()
                        && usage.at("/bytes/reserved").asLong() == 0
                        && usage.at("/documents/pending").asLong() == 0;
            });
        } catch (ConditionTimeoutException e) {
            throw new Violation("not quiet after " + QUIET + ": " + last[0], e);
        }
    }

    /** How many files there are of each size, below a folder; drafts only if it is theirs. */
    private Map<Long, Integer> sizes(Path folder) {
        Map<Long, Integer> sizes = new TreeMap<>();
        Path drafts = files.resolve("tmp");
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) walk::iterator) {
                boolean counts = folder.equals(drafts) || !path.startsWith(drafts);
                // a probe that a killed start left is another start's to clear, an hour later
                boolean probe = String.valueOf(path.getFileName()).startsWith("_");
                if (!Files.isDirectory(path) && counts && !probe && !path.endsWith("STORE-ID")) {
                    sizes.merge(Files.size(path), 1, Integer::sum);
                }
            }
        } catch (NoSuchFileException e) {
            return changing();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return changing();
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sizes;
    }

    /** Something was deleted while it was looked at: not quiet yet. */
    private static Map<Long, Integer> changing() {
        return new TreeMap<>(Map.of(-1L, 1));
    }

    /** Usage is what the documents add up to. */
    private void recount(URI server, Map<UUID, JsonNode> listed, Map<UUID, List<Blob>> contents)
            throws InterruptedException {
        Map<String, Long> bytes = new HashMap<>();
        Map<String, Long> documents = new HashMap<>();
        long older = 0;
        for (Map.Entry<UUID, JsonNode> entry : listed.entrySet()) {
            String status = entry.getValue().get("status").asText();
            long size = entry.getValue().get("size_bytes").asLong();
            bytes.merge(status, size, Long::sum);
            documents.merge(status, 1L, Long::sum);
            older += contents.getOrDefault(entry.getKey(), List.of()).stream()
                            .mapToLong(Blob::size)
                            .sum()
                    - size;
        }
        JsonNode usage = client.read(server, "/v1/usage");
        for (String status : List.of(State.PENDING, State.ACTIVE, State.ARCHIVED, State.ERROR)) {
            assertThat(usage.at("/bytes/" + status).asLong())
                    .as("bytes " + status)
                    .isEqualTo(bytes.getOrDefault(status, 0L));
            assertThat(usage.at("/documents/" + status).asLong())
                    .as("documents " + status)
                    .isEqualTo(documents.getOrDefault(status, 0L));
        }
        assertThat(usage.at("/bytes/older_versions").asLong())
                .as("bytes of older versions")
                .isEqualTo(older);
    }

    /** Checks what only the database knows; no server may run. Everything doomed must have been deleted. */
    void checkAtRest(Database database, String owner) {
        DocumentRepository repository = database.documents();
        assertThat(repository.usage(owner)).isEqualTo(repository.recount(owner));
        assertThat(repository.doomed(Duration.ZERO, 10)).as("doomed content").isEmpty();
        Map<String, Long> inline = new TreeMap<>();
        Map<String, Long> stored = new TreeMap<>();
        DocumentQuery all = DocumentQuery.builder(owner)
                .statuses(EnumSet.allOf(DocumentStatus.class))
                .build();
        Position position = null;
        do {
            Page<DocumentData> page = repository.list(all, position, 200);
            for (DocumentData document : page.items()) {
                for (DocumentVersion version : repository.versions(document.id(), Integer.MAX_VALUE, 10_000)) {
                    StorageUrl url = version.content().url();
                    Map<String, Long> store = url.store().equals("inline") ? inline : stored;
                    store.put(url.key(), version.content().sizeBytes());
                }
            }
            position = page.next();
        } while (position != null);
        assertThat(list(FileSystemStorage.open(files))).isEqualTo(stored);
        assertThat(list(repository.inlineStore())).isEqualTo(inline);
    }

    private static Map<String, Long> list(StorageBackend store) {
        Map<String, Long> listed = new TreeMap<>();
        List<StorageBackend.Entry> page = store.list(null, 1000);
        while (!page.isEmpty()) {
            page.forEach(entry -> listed.put(entry.key(), entry.sizeBytes()));
            page = store.list(page.get(page.size() - 1).key(), 1000);
        }
        return listed;
    }
}
