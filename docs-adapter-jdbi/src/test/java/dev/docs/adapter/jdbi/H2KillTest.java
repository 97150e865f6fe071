package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Durability;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/** What a kill right after a commit leaves of it. */
class H2KillTest {
    private static final int COMMITS = 400;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void a_commit_is_found_again_also_where_it_fills_a_gap_in_the_file(Durability durability) throws Exception {
        Random random = new Random(7);
        // gaps are filled at once, and not only after 45 s
        String url = "jdbc:h2:file:" + folder.resolve("docs") + ";RETENTION_TIME=0";
        try (Database database = Database.open(url, "docs", "", 2, durability)) {
            database.write(handle -> handle.execute("CREATE TABLE filled (id INT PRIMARY KEY, bytes VARBINARY)"));
            for (int commit = 1; commit <= COMMITS; commit++) {
                int id = commit;
                byte[] bytes = new byte[random.nextInt(30_000)];
                random.nextBytes(bytes);
                database.write(handle -> {
                    handle.execute("DELETE FROM filled WHERE id = ?", id - 20);
                    return handle.execute("INSERT INTO filled VALUES (?, ?)", id, bytes);
                });
                if (commit > COMMITS / 2 && commit % 2 == 0) {
                    assertThat(lastInCopy()).isEqualTo(commit);
                }
            }
        }
    }

    /** A copy of the file is what a kill would leave. */
    private int lastInCopy() throws IOException, SQLException {
        Path copy = Files.createTempDirectory(folder, "copy").resolve("docs");
        Files.copy(folder.resolve("docs.mv.db"), Path.of(copy + ".mv.db"));
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:h2:file:" + copy + ";MODE=PostgreSQL"
                                + ";DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                        "docs",
                        "");
                Statement statement = connection.createStatement();
                ResultSet last = statement.executeQuery("SELECT MAX(id) FROM filled")) {
            last.next();
            return last.getInt(1);
        }
    }
}
