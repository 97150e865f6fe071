package dev.docs.adapter.jdbi;

import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Writes H2's commits to its file so that H2 finds them again.
 *
 * <p>H2 writes changes as chunks. A start begins at the chunk that the file's header names and goes from each to where it
 * says the next one is likely to be. When a chunk went elsewhere, because it filled a gap, H2 writes the header anew, but
 * with the chunk before the one just written (2.5.252): after a kill that chunk and all behind it are there, and not
 * found. Writing the header once more, after the chunk, names the right one.
 */
final class H2File {
    private static final Method WRITE_HEADER = writeHeader();

    private H2File() {}

    /** @param force whether to wait for the disk as well */
    static void flush(Connection connection, boolean force) throws SQLException {
        SessionLocal session =
                (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        MVStore store = session.getDatabase().getStore().getMvStore();
        // a commit that found another one writing leaves its changes for later
        store.commit();
        store.executeFilestoreOperation(() -> {
            try {
                WRITE_HEADER.invoke(store.getFileStore());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        });
        if (force) {
            store.sync();
        }
    }

    /** Another H2 that has no such method must not pass for one that needs none. */
    private static Method writeHeader() {
        try {
            Method method = RandomAccessStore.class.getDeclaredMethod("writeStoreHeader");
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("this H2 is not one that Docs knows how to make durable", e);
        }
    }
}
