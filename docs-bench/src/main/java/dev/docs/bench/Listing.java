package dev.docs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.docs.adapter.jdbi.Database;
import dev.docs.bench.Report.Target;
import dev.docs.domain.Durability;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pages of 50 among few and among many documents of one user, and the same beside each other: what grows with what is stored, and
 * what does not. The documents are made in the database, by statements for all of them; their content is never read.
 */
final class Listing {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USER = "anna";
    private static final long BEGAN = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();
    /** One document a second. */
    private static final int APART_MILLIS = 1000;

    private final Place place;
    private final Report report;

    Listing(Place place, Report report) {
        this.place = place;
        this.report = report;
    }

    void onPostgres(Postgres postgres, int... sizes) throws Exception {
        Map<String, DocsProcess> servers = new LinkedHashMap<>();
        try {
            for (int size : sizes) {
                String url = postgres.create("list" + size);
                Database.postgresql(url, Postgres.USER, "").close();
                try (Connection connection = Postgres.connect(url)) {
                    fill(connection, size, true);
                }
                servers.put(
                        name(size),
                        DocsProcess.start(place, place.folder("list-pg-" + size), List.of(), Postgres.flags(url)));
            }
            measure("PostgreSQL", servers, sizes, postgres.handle());
        } finally {
            servers.values().forEach(DocsProcess::close);
        }
    }

    void onH2(int... sizes) throws Exception {
        Map<String, DocsProcess> servers = new LinkedHashMap<>();
        try {
            for (int size : sizes) {
                Path folder = place.folder("list-h2-" + size);
                Path file = folder.resolve("data/docs");
                Database.h2(file, Durability.PROCESS).close();
                try (Connection connection = DriverManager.getConnection(
                        "jdbc:h2:file:" + file.toAbsolutePath()
                                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                        "docs",
                        "")) {
                    fill(connection, size, false);
                }
                servers.put(name(size), DocsProcess.start(place, folder, List.of(), Map.of()));
            }
            measure("H2", servers, sizes, null);
        } finally {
            servers.values().forEach(DocsProcess::close);
        }
    }

    private static String name(int size) {
        return size >= 1_000_000 ? size / 1_000_000 + " million" : size + "";
    }

    private void measure(
            String database, Map<String, DocsProcess> servers, int[] sizes, @Nullable ProcessHandle databaseProcess)
            throws Exception {
        Map<String, Map<String, byte[]>> questions = new LinkedHashMap<>();
        int next = 0;
        for (DocsProcess docs : servers.values()) {
            questions(docs, sizes[next++])
                    .forEach((what, request) -> questions
                            .computeIfAbsent(what, any -> new LinkedHashMap<>())
                            .put(name(sizes[questions.get(what).size()]), request));
        }
        String least = name(sizes[0]);
        for (Map.Entry<String, Map<String, byte[]>> question : questions.entrySet()) {
            Rounds rounds = new Rounds();
            question.getValue().forEach((size, request) -> {
                DocsProcess docs = servers.get(size);
                if (docs != null) {
                    rounds.side(size, () -> ask(docs, request, databaseProcess));
                }
            });
            rounds.run(place.isSmoke() ? 1 : 3);
            rounds.forget();
            rounds.run(place.rounds());
            for (int size : sizes) {
                boolean judged = size >= 1_000_000;
                report.add(
                        "page of 50, " + question.getKey(),
                        name(size) + ", " + database,
                        rounds,
                        name(size),
                        name(size).equals(least) ? null : least,
                        judged ? Map.of("CPU ms each", Target.atMost(1), "p50 ms", Target.ratioAtMost(1.5)) : Map.of());
            }
        }
    }

    private Map<String, Double> ask(DocsProcess docs, byte[] request, @Nullable ProcessHandle databaseProcess)
            throws Exception {
        List<Load.Worker> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Client client = new Client(docs.port());
            workers.add(new Load.Worker() {
                @Override
                public void once() throws IOException {
                    client.exchange(request, 200);
                }

                @Override
                public void close() throws IOException {
                    client.close();
                }
            });
        }
        Map<String, Double> figures =
                new LinkedHashMap<>(SmallFiles.timed(workers, place.round(), docs.handle(), databaseProcess));
        figures.remove("documents/s");
        figures.remove("load's CPU ms each");
        return figures;
    }

    private static Map<String, byte[]> questions(DocsProcess docs, int size) throws IOException {
        String token = docs.token(USER);
        Map<String, byte[]> questions = new LinkedHashMap<>();
        questions.put("first", get("", token));
        Instant middle = Instant.ofEpochMilli(BEGAN + (long) size / 2 * APART_MILLIS);
        try (Client client = new Client(docs.port())) {
            JsonNode half = JSON.readTree(client.ask(get("created_before=" + middle, token), 200));
            String cursor = half.get("next_cursor").asText();
            questions.put("deep", get("created_before=" + middle + "&cursor=" + cursor, token));
        }
        questions.put("by status", get("status=archived", token));
        questions.put("by common metadata", get("metadata=year:2026", token));
        questions.put("by rare metadata", get("metadata=batch:" + size / 200, token));
        questions.put("by prefix of the name", get("name_prefix=file%200001", token));
        questions.put("by text in the name", get("name=7", token));
        questions.put("in the order of names", get("sort=name", token));
        return questions;
    }

    private static byte[] get(String query, String token) {
        return Client.head("GET /v1/documents?limit=50" + (query.isEmpty() ? "" : "&" + query), token);
    }

    /** One in ten is archived; one pair is in half of them, one in a hundred at a time, one in each with a value of its own. */
    private static void fill(Connection connection, int size, boolean isPostgres) throws SQLException {
        String numbers =
                isPostgres ? "generate_series(1, " + size + ") AS s(i)" : "SYSTEM_RANGE(1, " + size + ") AS s(i)";
        String millis = "(" + BEGAN + " + CAST(i AS BIGINT) * " + APART_MILLIS + ")";
        String id = isPostgres
                ? "CAST(lpad(to_hex(" + millis + "), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0') AS UUID)"
                : "CAST(LPAD(TRIM(TO_CHAR(" + millis + ", 'XXXXXXXXXXXX')), 12, '0') || '70008000'"
                        + " || LPAD(TRIM(TO_CHAR(i, 'XXXXXXXXXXXX')), 12, '0') AS UUID)";
        String time = isPostgres
                ? "to_timestamp(" + millis + " / 1000)"
                : "DATEADD(MILLISECOND, " + millis + ", TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00:00')";
        String name = "'file ' || LPAD(CAST(MOD(CAST(i AS BIGINT) * 104729, 99999989) AS VARCHAR), 8, '0') || '.pdf'";
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO users (id, created_at) VALUES ('" + USER + "', CURRENT_TIMESTAMP)");
            statement.execute("INSERT INTO owner_usage (owner_id, shard) VALUES ('" + USER + "', 0)");
            statement.execute("INSERT INTO documents (id, owner_id, name, name_key, declared_type, mime_type, status,"
                    + " store, storage_key, size_bytes, sha256, version, revision, metadata, created_at, updated_at)"
                    + " SELECT " + id + ", '" + USER + "', " + name + ", " + name + ", 'application/pdf',"
                    + " 'application/pdf', CASE WHEN MOD(i, 10) = 0 THEN 'archived' ELSE 'active' END, 'inline',"
                    + " CAST(i AS VARCHAR), 10240, '" + "0".repeat(64) + "', 1, 2,"
                    + " '{\"year\": 2026, \"customer\": \"Rossi\"}', " + time + ", " + time + " FROM " + numbers);
            String pairs = "INSERT INTO document_metadata (owner_id, meta_key, meta_value, document_id) SELECT '" + USER
                    + "', ";
            statement.execute(
                    pairs + "'year', CASE WHEN MOD(i, 2) = 0 THEN '2026' ELSE '2025' END, " + id + " FROM " + numbers);
            statement.execute(pairs + "'batch', CAST(i / 100 AS VARCHAR), " + id + " FROM " + numbers);
            statement.execute(pairs + "'number', CAST(i AS VARCHAR), " + id + " FROM " + numbers);
            statement.execute(isPostgres ? "ANALYZE" : "SHUTDOWN");
        }
    }
}
