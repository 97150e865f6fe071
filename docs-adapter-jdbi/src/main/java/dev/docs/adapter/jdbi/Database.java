package dev.docs.adapter.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Durability;
import dev.docs.domain.LinkKeyRepository;
import dev.docs.domain.TokenRepository;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.h2.mvstore.MVStoreException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.File;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One database, H2 in a file or PostgreSQL, with the schema that Docs needs: opening brings it up to date. The one place
 * that opens connections and transactions.
 *
 * <p>H2 loses data in two ways by default, and here in neither. Its commits reach the disk late or never: here each is
 * followed by a sync, shared by all that wait, before it is acknowledged (see {@link H2File}). And concurrent writers of
 * one row lose updates when one of them rolls back: here writers queue. (It also answers a repeated query from its memory
 * although the LIMIT inside has changed; that memory is off.) Several processes can't share an H2 file; they can share a PostgreSQL.
 *
 * <p>H2 also closes itself for good when it can't write: here the next use opens it again, and it is kept from using up
 * the last of its disk.
 */
public final class Database implements AutoCloseable {
    public static final int MAX_USAGE_SHARDS = 64;

    private static final Set<String> BEGIN_AGAIN = Set.of(
            // serialization failure, deadlock, H2's concurrent update
            "40001",
            "40P01",
            "90131",
            // somebody inserted the same key meanwhile; the next attempt sees it
            "23505",
            // the owner was deleted after it was looked for; the next attempt begins it anew
            "23503");
    /** What H2 says of its files, and of a database that it has closed since one of them failed. */
    private static final Set<String> H2_HAS_FAILED = Set.of("HY000", "90028", "90030", "90031", "90098", "90121");

    private static final String H2_FILE = "jdbc:h2:file:";
    private static final String H2_SETTINGS =
            ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
                    + ";WRITE_DELAY=0;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=20000;OPTIMIZE_REUSE_RESULTS=FALSE"
                    + ";TRACE_LEVEL_FILE=0";
    private static final String DISK_FULL = "53100";
    /** More than a transaction needs, so that H2 does not come to the end of its disk by itself. */
    private static final long H2_RESERVE_BYTES = 4 << 20;

    private static final int MAX_ATTEMPTS = 30;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private static final Logger log = LoggerFactory.getLogger(Database.class);

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final @Nullable FileChannel owned;
    private final @Nullable ReentrantLock writers;
    private final @Nullable SyncBarrier barrier;
    private final @Nullable Path file;

    /** H2's file may lack what a failed sync has lost. */
    private volatile boolean suspect;

    private final @Nullable FileStore disk;

    private Database(HikariDataSource pool, @Nullable FileChannel owned, @Nullable Path file, Durability durability) {
        boolean isH2 = owned != null;
        this.pool = pool;
        this.owned = owned;
        this.file = file;
        this.disk = file == null ? null : disk(file);
        jdbi = Jdbi.create(pool).installPlugin(new SqlObjectPlugin());
        jdbi.define(
                "now_plus_millis",
                isH2
                        ? "DATEADD(MILLISECOND, :millis, CURRENT_TIMESTAMP)"
                        : "CURRENT_TIMESTAMP + :millis * INTERVAL '1 millisecond'");
        // PostgreSQL drops a column that equals a constant from the order asked for, and what is left of it any index
        // by
        // id serves: then it walks through the documents of all owners in search of one's own
        jdbi.define(ListQuery.IS_OWNER, isH2 ? "owner_id = :owner" : "owner_id = ANY (ARRAY[:owner])");
        Rows.register(jdbi);
        Attached.register(jdbi);
        writers = isH2 ? new ReentrantLock(true) : null;
        barrier = isH2 ? new SyncBarrier(() -> flush(durability == Durability.POWER_LOSS)) : null;
    }

    /**
     * Opens an H2 database, or makes it.
     *
     * @param file without the ending {@code .mv.db}
     */
    public static Database h2(Path file, Durability durability) {
        return open(H2_FILE + file.toAbsolutePath(), "docs", "", 10, durability);
    }

    /** Opens a PostgreSQL database, with the server's own settings for durability. */
    public static Database postgresql(String url, String user, String password) {
        return open(url, user, password, 10, Durability.POWER_LOSS);
    }

    /**
     * @param url {@code jdbc:h2:file:...} or {@code jdbc:postgresql:...}
     * @param durability for H2; PostgreSQL decides by itself
     * @throws IllegalArgumentException if the URL is of another kind, or could run a statement on connecting
     * @throws DocumentStorageException {@code UNAVAILABLE} if the database can't be opened
     */
    public static Database open(String url, String user, String password, int poolSize, Durability durability) {
        boolean isH2 = url.startsWith(H2_FILE);
        if (!isH2 && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("the database must be jdbc:h2:file: or jdbc:postgresql:");
        }
        if (url.toUpperCase(Locale.ROOT).matches(".*[;?&]\\s*(INIT|SOCKETFACTORY|SSLFACTORY|AUTO_SERVER)\\s*=.*")) {
            throw new IllegalArgumentException("the database's URL must not load code, run statements or listen");
        }
        FileChannel owned = isH2 ? own(url) : null;
        HikariConfig config = new HikariConfig();
        config.setPoolName("docs-database");
        boolean isOrdered = isH2 && durability == Durability.POWER_LOSS;
        String file = isOrdered ? url.replace(H2_FILE, "jdbc:h2:" + H2Path.scheme()) : url;
        config.setJdbcUrl(isH2 ? file + H2_SETTINGS : url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(poolSize);
        config.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        HikariDataSource pool = null;
        Database database = null;
        try {
            boolean isNew = migrate(config, isH2);
            if (isH2 && isNew) {
                // each of its steps has left a copy of what it changed: megabytes in which there is next to nothing
                shutdown(config);
            }
            pool = new HikariDataSource(config);
            database = new Database(pool, owned, isH2 ? file(url, ".mv.db") : null, durability);
            return database;
        } catch (FlywayValidateException e) {
            throw DocumentStorageException.unavailable(
                    "the database's schema is of a newer release than this one, or was altered", e);
        } catch (FlywayException | PoolInitializationException e) {
            throw DocumentStorageException.unavailable("the database can't be opened", e);
        } finally {
            if (database == null) {
                if (pool != null) {
                    pool.close();
                }
                release(owned);
            }
        }
    }

    public DocumentRepository documents() {
        return documents(1);
    }

    /**
     * The same for owners with many writers at once, which wait for each other where an owner's usage is counted.
     *
     * @param usageShards in how many rows each owner's usage is counted, 1 to {@value #MAX_USAGE_SHARDS}; of use on PostgreSQL only. May change at
     *     any time, and need not be the same for all servers
     */
    public DocumentRepository documents(int usageShards) {
        return new JdbiDocumentRepository(this, new UsageCounters(usageShards));
    }

    public LinkKeyRepository linkKeys() {
        return new JdbiLinkKeyRepository(this);
    }

    public TokenRepository tokens() {
        return new JdbiTokenRepository(this);
    }

    /**
     * The connections to the database at one moment.
     *
     * @param active in use
     * @param idle open and not in use
     * @param waiting threads that wait for one
     * @param max the most there may be
     */
    public record Connections(int active, int idle, int waiting, int max) {}

    public Connections connections() {
        HikariPoolMXBean now = pool.getHikariPoolMXBean();
        return new Connections(
                now.getActiveConnections(),
                now.getIdleConnections(),
                now.getThreadsAwaitingConnection(),
                pool.getMaximumPoolSize());
    }

    @Override
    public void close() {
        // first, so that it can't replace the connection that ends with H2, and so open H2 once more
        pool.close();
        if (writers != null) {
            shutdown(pool);
        }
        release(owned);
    }

    /** Closes H2, which makes its file smaller. */
    private static void shutdown(HikariConfig h2) {
        try (Connection last = DriverManager.getConnection(h2.getJdbcUrl(), h2.getUsername(), h2.getPassword());
                Statement statement = last.createStatement()) {
            statement.execute("SHUTDOWN");
        } catch (SQLException e) {
            // it is beyond help: what was acknowledged is on the disk
        }
    }

    /**
     * Makes this the one opener of an H2 file. H2 keeps other processes out by itself, but lets several openers in one
     * process share it, and their writers would not queue up with each other.
     */
    private static FileChannel own(String url) {
        Path file = file(url, ".lock");
        FileChannel owned = null;
        FileLock lock = null;
        try {
            Files.createDirectories(Objects.requireNonNull(file.getParent(), "a file is in a folder"));
            owned = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = owned.tryLock();
        } catch (OverlappingFileLockException e) {
            // another opener in this process: no lock, as with another process
        } catch (IOException e) {
            throw DocumentStorageException.unavailable("the database's folder can't be written", e);
        } finally {
            if (lock == null) {
                release(owned);
            }
        }
        if (owned == null || lock == null) {
            throw DocumentStorageException.unavailable(
                    "the H2 database is in use, and it has one owner at a time", null);
        }
        return owned;
    }

    private static Path file(String url, String ending) {
        String path = url.substring(H2_FILE.length())
                .replaceFirst(";.*", "")
                .replaceFirst("^~", System.getProperty("user.home"));
        return Path.of(path + ending).toAbsolutePath();
    }

    private static @Nullable FileStore disk(Path file) {
        try {
            return Files.getFileStore(file);
        } catch (IOException e) {
            return null;
        }
    }

    private static void release(@Nullable FileChannel owned) {
        try {
            if (owned != null) {
                owned.close();
            }
        } catch (IOException e) {
            // the lock ends with the process at the latest
        }
    }

    /** What is done on an open connection. */
    interface Step<T> {
        T on(Handle handle);
    }

    /** Reads, with no transaction around. */
    <T> T read(Step<T> step) {
        for (int attempt = 1; ; attempt++) {
            try (Handle handle = jdbi.open()) {
                return Attached.during(handle, step);
            } catch (JdbiException e) {
                if (!reopens(e) || attempt > 1) {
                    throw failure(e);
                }
            }
        }
    }

    /**
     * Makes one transaction, again if the database says that another was in its way. Durable on return.
     *
     * @param step may run several times
     */
    <T> T write(Step<T> step) {
        requireSpace();
        return free(step);
    }

    /** As {@link #write}, for what gives back space, or must not wait for any: it may use the last there is. */
    <T> T free(Step<T> step) {
        boolean reopened = false;
        for (int attempt = 1; ; attempt++) {
            try {
                T result = locked(step);
                if (barrier != null) {
                    sync(barrier);
                }
                return result;
            } catch (JdbiException e) {
                boolean closed = reopens(e);
                boolean again = closed ? !reopened : BEGIN_AGAIN.contains(state(e));
                if (attempt == MAX_ATTEMPTS || !again) {
                    throw failure(e);
                }
                reopened |= closed;
                long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(50, 1 << Math.min(attempt, 6)));
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(nanos));
            }
        }
    }

    /**
     * Makes sure that an H2 database can be written: finding out by writing would close it.
     *
     * @throws DocumentStorageException {@code STORAGE_FULL} if little is left of its disk
     */
    void requireSpace() {
        if (file == null || disk == null) {
            return;
        }
        if (!Files.isWritable(file)) {
            throw DocumentStorageException.unavailable("the database's disk can't be written", null);
        }
        try {
            if (disk.getUsableSpace() < H2_RESERVE_BYTES) {
                throw DocumentStorageException.full("the database's disk has no space left", null);
            }
        } catch (IOException e) {
            throw DocumentStorageException.unavailable("the database's disk can't be asked for its space", e);
        }
    }

    /**
     * Whether H2 has closed itself. Its open connections are of no use from then on, but tell the pool that they are well;
     * without them the next one opens the database again.
     */
    private boolean reopens(JdbiException e) {
        if (writers == null || !H2_HAS_FAILED.contains(state(e))) {
            return false;
        }
        pool.getHikariPoolMXBean().softEvictConnections();
        return true;
    }

    private <T> T locked(Step<T> step) {
        if (writers == null) {
            return transaction(step);
        }
        writers.lock();
        try {
            if (suspect) {
                rewrite();
            }
            return transaction(step);
        } finally {
            writers.unlock();
        }
    }

    private <T> T transaction(Step<T> step) {
        try (Handle handle = jdbi.open()) {
            handle.begin();
            T result;
            try {
                result = Attached.during(handle, step);
            } catch (RuntimeException e) {
                rollback(handle, e);
                throw e;
            }
            try {
                handle.commit();
            } catch (JdbiException e) {
                // these say for certain that nothing was committed
                if (BEGIN_AGAIN.contains(state(e)) || state(e).equals(DISK_FULL)) {
                    throw e;
                }
                reopens(e);
                throw DocumentStorageException.outcomeUnknown(e);
            }
            return result;
        }
    }

    private static void rollback(Handle handle, RuntimeException failure) {
        try {
            handle.rollback();
        } catch (JdbiException e) {
            // the connection is broken, and with it the transaction
            failure.addSuppressed(e);
        }
    }

    private void sync(SyncBarrier barrier) {
        try {
            barrier.await();
        } catch (JdbiException e) {
            suspect |= !isClosedFile(e);
            reopens(e);
            throw DocumentStorageException.notSynced(e);
        }
    }

    /** Then the disk was not asked: an interrupt has closed the file, or an earlier failure has. */
    private static boolean isClosedFile(JdbiException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClosedChannelException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Writes the whole of H2 to a new file. After a failed sync the kernel may have dropped what it could not write and
     * report success from then on, so nothing that stands on the old file could be acknowledged any more. The caller has
     * the writers' lock.
     */
    private void rewrite() {
        // as long as the disk still fails nothing is worth beginning
        flush(true);
        try (Connection last = DriverManager.getConnection(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword());
                Statement statement = last.createStatement()) {
            statement.execute("SHUTDOWN COMPACT");
        } catch (SQLException e) {
            throw new ConnectionException(e);
        } finally {
            pool.getHikariPoolMXBean().softEvictConnections();
        }
        flush(true);
        syncFolder();
        suspect = false;
        log.warn("the database could not be synced before, and was written anew");
    }

    private void syncFolder() {
        Path folder = file == null ? null : file.getParent();
        if (folder == null || File.separatorChar != '/') {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw DocumentStorageException.unavailable("the database's folder can't be synced", e);
        }
    }

    private void flush(boolean force) {
        try (Handle handle = jdbi.open()) {
            // besides writing, it gives the space of old chunks back
            handle.execute("CHECKPOINT");
            H2File.flush(handle.getConnection(), force);
        } catch (SQLException | MVStoreException e) {
            throw new ConnectionException(e);
        }
    }

    private static DocumentException failure(JdbiException e) {
        return isFull(e)
                ? DocumentStorageException.full(e)
                : DocumentStorageException.unavailable("the database can't be reached or has failed", e);
    }

    private static boolean isFull(JdbiException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("No space left on device")) {
                return true;
            }
        }
        return state(e).equals(DISK_FULL);
    }

    private static String state(JdbiException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    /** With connections of its own: it needs two at once, and the pool may have one. Returns whether there was anything to do. */
    private static boolean migrate(HikariConfig config, boolean isH2) {
        Map<String, String> types = isH2
                ? Map.of("key", "", "text", "VARCHAR(1048576)", "bytes", "VARBINARY(1048576)")
                : Map.of("key", "COLLATE \"C\"", "text", "TEXT", "bytes", "BYTEA");
        return Flyway.configure(Database.class.getClassLoader())
                        .dataSource(config.getJdbcUrl(), config.getUsername(), config.getPassword())
                        .locations("classpath:dev/docs/db")
                        .table("docs_schema_history")
                        .placeholders(types)
                        // a schema that is ahead is ignored otherwise, and written to by rules it no longer has
                        .ignoreMigrationPatterns(new String[0])
                        .load()
                        .migrate()
                        .migrationsExecuted
                > 0;
    }
}
