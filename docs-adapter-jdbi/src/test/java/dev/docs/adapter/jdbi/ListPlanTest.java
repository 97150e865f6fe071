package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Durability;
import dev.docs.domain.Position;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The database's own account of the statements that a list runs: a page's work does not grow with what is stored. */
final class ListPlanTest {
    private static final int DOCUMENTS = 20_000;
    private static final int PAGE = 50;
    /** Rows that may be looked at for one page: the page, one more, and those on its border. */
    private static final int BOUND = 2 * PAGE;

    /** How many of anna's documents have the pair that few have. */
    private static final int RARE = 20;

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final Map<Sort, String> INDEXES = Map.of(
            Sort.CREATED, "documents_by_id",
            Sort.UPDATED, "documents_by_update",
            Sort.NAME, "documents_by_name",
            Sort.SIZE, "documents_by_size");

    private static final Map<TestDatabases, Database> DATABASES = new EnumMap<>(TestDatabases.class);

    @BeforeAll
    static void fill(@TempDir Path folder) {
        for (TestDatabases kind : TestDatabases.values()) {
            DATABASES.put(kind, kind.open(folder, Durability.PROCESS));
            fill(database(kind), DOCUMENTS);
        }
    }

    @AfterAll
    static void close() {
        DATABASES.values().forEach(Database::close);
        DATABASES.clear();
    }

    private static Database database(TestDatabases kind) {
        return Objects.requireNonNull(DATABASES.get(kind));
    }

    @ParameterizedTest
    @EnumSource
    void a_page_of_any_sort_at_any_depth_is_a_short_walk_along_its_index(TestDatabases kind) {
        for (Sort sort : Sort.values()) {
            for (boolean descending : new boolean[] {true, false}) {
                DocumentQuery query =
                        DocumentQuery.builder("anna").sort(sort, descending).build();
                for (Position after : new @Nullable Position[] {null, middle(sort)}) {
                    List<Plan> plans = plans(kind, query, after);
                    assertThat(plans).hasSize(1);
                    plans.get(0).walks(INDEXES.get(sort));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void several_statuses_are_a_short_walk_each_and_a_page_of_each_to_merge(TestDatabases kind) {
        for (Sort sort : Sort.values()) {
            DocumentQuery query = DocumentQuery.builder("anna")
                    .statuses(EnumSet.of(DocumentStatus.ACTIVE, DocumentStatus.ARCHIVED))
                    .sort(sort, true)
                    .build();
            List<Plan> plans = plans(kind, query, middle(sort));
            assertThat(plans).hasSize(3);
            plans.get(0).walks(INDEXES.get(sort));
            plans.get(1).walks(INDEXES.get(sort));
            assertThat(plans.get(2).rowsRead()).as(plans.get(2).text()).isLessThanOrEqualTo(2 * BOUND + 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_prefix_of_names_in_their_order_is_a_short_walk(TestDatabases kind) {
        DocumentQuery byPrefix = DocumentQuery.builder("anna")
                .namePrefix("File 00")
                .sort(Sort.NAME, false)
                .build();
        plans(kind, byPrefix, null).get(0).walks("documents_by_name");
    }

    @ParameterizedTest
    @EnumSource
    void a_rare_pair_of_metadata_is_found_without_a_look_at_what_lacks_it(TestDatabases kind) {
        for (Sort sort : Sort.values()) {
            for (String path : List.of("rare", "many")) {
                DocumentQuery query = DocumentQuery.builder("anna")
                        .metadata(List.of(
                                new MetadataCondition(path, path.equals("rare") ? "yes" : null),
                                new MetadataCondition("rare", null)))
                        .sort(sort, true)
                        .build();
                List<Plan> plans = plans(kind, query, null);
                assertThat(plans).hasSize(3);
                Plan page = plans.get(2);
                assertThat(page.rowsRead()).as(page.text()).isPositive().isLessThanOrEqualTo(8 * RARE);
            }
        }
    }

    /** PostgreSQL may join the other way round where that costs less. */
    @Test
    void a_common_pair_of_metadata_is_found_on_the_way_along_the_sort() {
        for (Sort sort : Sort.values()) {
            DocumentQuery query = DocumentQuery.builder("anna")
                    .metadata(List.of(new MetadataCondition("many", "yes")))
                    .sort(sort, true)
                    .build();
            Plan page = plans(TestDatabases.H2, query, middle(sort)).get(1);
            assertThat(page.text()).containsIgnoringCase(INDEXES.get(sort)).contains("index sorted");
            assertThat(page.rowsRead()).as(page.text()).isPositive().isLessThanOrEqualTo(8 * BOUND);
        }
    }

    /** As after a bulk update: the statistics know nothing of what many documents have now. */
    @ParameterizedTest
    @EnumSource
    void what_has_a_pair_that_is_new_is_counted_without_holding_all_against_all(TestDatabases kind) {
        int having = DOCUMENTS / 10;
        database(kind).write(handle -> {
            handle.execute("DELETE FROM users WHERE id = 'carl'");
            handle.execute("INSERT INTO users (id, created_at) VALUES ('carl', CURRENT_TIMESTAMP)");
            PreparedBatch rows = handle.prepareBatch("INSERT INTO documents (id, owner_id, name, name_key, mime_type,"
                    + " status, store, storage_key, size_bytes, sha256, version, revision, metadata, created_at,"
                    + " updated_at) VALUES (:id, 'carl', 'n', 'n', 'a/b', 'active', 'main', 'k', 1, :sha256, 1, 2, '{}',"
                    + " :time, :time)");
            PreparedBatch pairs = handle.prepareBatch("INSERT INTO document_metadata (owner_id, meta_key, meta_value,"
                    + " document_id) VALUES ('carl', 'year', '2027', :id)");
            for (int i = 0; i < having; i++) {
                UUID id = id(DOCUMENTS + i);
                rows.bind("id", id)
                        .bind("sha256", "0".repeat(64))
                        .bind("time", START)
                        .add();
                pairs.bind("id", id).add();
            }
            rows.execute();
            return pairs.execute().length;
        });
        DocumentQuery query = DocumentQuery.builder("carl")
                .metadata(List.of(new MetadataCondition("year", "2027")))
                .build();
        Explaining explaining = new Explaining(kind);
        long counted = database(kind).read(handle -> {
            handle.setStatementBuilder(explaining);
            return new ListQuery(query).count(handle, 10_000);
        });

        assertThat(counted).isEqualTo(having);
        Plan count = explaining.plans.get(1);
        assertThat(count.rowsRead()).as(count.text()).isPositive().isLessThanOrEqualTo(6L * having);
    }

    /** What the database says that it did. */
    private record Plan(TestDatabases kind, String text) {
        private static final Pattern SCANNED = Pattern.compile("scanCount: (\\d+)");
        private static final Pattern NODE =
                Pattern.compile("Scan.*\\(actual.* rows=(\\d+)[.\\d]* loops=(\\d+)\\)|Removed by \\w+: (\\d+)");

        void walks(@Nullable String index) {
            assertThat(text).containsIgnoringCase(index).doesNotContain("Sort");
            if (kind == TestDatabases.H2) {
                assertThat(text).contains("index sorted");
            }
            assertThat(rowsRead()).as(text).isPositive().isLessThanOrEqualTo(BOUND);
        }

        long rowsRead() {
            long rows = 0;
            Matcher found = (kind == TestDatabases.H2 ? SCANNED : NODE).matcher(text);
            while (found.find()) {
                if (kind == TestDatabases.H2) {
                    rows += Long.parseLong(found.group(1));
                } else if (found.group(3) != null) {
                    rows += Long.parseLong(found.group(3));
                } else {
                    rows += Long.parseLong(found.group(1)) * Long.parseLong(found.group(2));
                }
            }
            return rows;
        }
    }

    /** Has each statement explained, with the values that it is about to be run with. */
    private static final class Explaining extends DefaultStatementBuilder {
        private final TestDatabases kind;
        private final List<Plan> plans = new ArrayList<>();

        private Explaining(TestDatabases kind) {
            this.kind = kind;
        }

        @Override
        public PreparedStatement create(Connection connection, String sql, StatementContext context)
                throws SQLException {
            PreparedStatement run = super.create(connection, sql, context);
            String how = kind == TestDatabases.H2 ? "EXPLAIN ANALYZE " : "EXPLAIN (ANALYZE, TIMING OFF) ";
            PreparedStatement explained = connection.prepareStatement(how + sql);
            InvocationHandler both = (proxy, method, arguments) -> {
                if (method.getName().startsWith("set") && method.getParameterCount() > 1) {
                    method.invoke(explained, arguments);
                } else if (method.getName().equals("execute") && method.getParameterCount() == 0) {
                    explain(explained);
                }
                return method.invoke(run, arguments);
            };
            return (PreparedStatement) Proxy.newProxyInstance(
                    ListPlanTest.class.getClassLoader(), new Class<?>[] {PreparedStatement.class}, both);
        }

        private void explain(PreparedStatement explained) throws SQLException {
            StringJoiner text = new StringJoiner("\n");
            try (explained;
                    ResultSet lines = explained.executeQuery()) {
                while (lines.next()) {
                    text.add(lines.getString(1));
                }
            }
            plans.add(new Plan(kind, text.toString()));
        }
    }

    private static List<Plan> plans(TestDatabases kind, DocumentQuery query, @Nullable Position after) {
        Explaining explaining = new Explaining(kind);
        return database(kind).read(handle -> {
            handle.setStatementBuilder(explaining);
            assertThat(new ListQuery(query).page(handle, after, PAGE).items()).isNotEmpty();
            return explaining.plans;
        });
    }

    /** Half way through anna's documents. */
    static Position middle(Sort sort) {
        int middle = DOCUMENTS / 2;
        return switch (sort) {
            case CREATED -> new Position("", id(middle));
            case UPDATED -> new Position(Long.toString(updated(middle).toEpochMilli()), id(middle));
            case NAME -> new Position(name(middle), id(middle));
            case SIZE -> new Position(Long.toString(size(middle)), id(middle));
        };
    }

    private static UUID id(int i) {
        return new UUID(START.plusSeconds(i).toEpochMilli() << 16 | 0x7000, 0x8000_0000_0000_0000L | i);
    }

    // in orders that have nothing to do with each other

    private static Instant updated(int i) {
        return START.plus(Duration.ofDays(30)).plusSeconds(i * 7919L % 1_000_003);
    }

    private static String name(int i) {
        return "file %06d.pdf".formatted(i * 104_729L % 999_983);
    }

    private static long size(int i) {
        return i * 15_485_863L % 999_979;
    }

    /** One in five is anna's, and of these one in four is archived. */
    static void fill(Database database, int documents) {
        database.documents().setQuota("anna", own -> own.withBytes(1L));
        database.documents().setQuota("ben", own -> own.withBytes(1L));
        database.write(handle -> {
            PreparedBatch rows = handle.prepareBatch("INSERT INTO documents (id, owner_id, name, name_key, mime_type,"
                    + " status, store, storage_key, size_bytes, sha256, version, revision, metadata, created_at,"
                    + " updated_at) VALUES (:id, :owner, :name, :name, 'a/b', :status, 'main', 'k', :size, :sha256, 1, 2,"
                    + " '{}', :created, :updated)");
            for (int i = 0; i < documents; i++) {
                String owner = i % 5 == 0 ? "anna" : "ben";
                rows.bind("id", id(i))
                        .bind("owner", owner)
                        .bind("name", name(i))
                        .bind("status", i % 4 == 0 ? "archived" : "active")
                        .bind("size", size(i))
                        .bind("sha256", "0".repeat(64))
                        .bind("created", START.plusSeconds(i))
                        .bind("updated", updated(i))
                        .add();
                if (rows.size() == 5_000) {
                    rows.execute();
                }
            }
            return documents;
        });
        pairs(database, documents);
        database.read(handle -> handle.execute("ANALYZE"));
    }

    /** Every second of all documents has one pair; few of anna's and half of ben's have another. */
    private static void pairs(Database database, int documents) {
        database.write(handle -> {
            PreparedBatch rows = handle.prepareBatch("INSERT INTO document_metadata (owner_id, meta_key, meta_value,"
                    + " document_id) VALUES (:owner, :key, 'yes', :id)");
            for (int i = 0; i < documents; i++) {
                String owner = i % 5 == 0 ? "anna" : "ben";
                if (i % 2 == 1) {
                    rows.bind("owner", owner)
                            .bind("key", "many")
                            .bind("id", id(i))
                            .add();
                }
                if (owner.equals("ben") ? i % 2 == 1 : i % (documents / RARE) == 5) {
                    rows.bind("owner", owner)
                            .bind("key", "rare")
                            .bind("id", id(i))
                            .add();
                }
            }
            return rows.execute().length;
        });
    }
}
