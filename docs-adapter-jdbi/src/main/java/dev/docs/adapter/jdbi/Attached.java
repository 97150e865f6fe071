package dev.docs.adapter.jdbi;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.config.JdbiConfig;
import org.jdbi.v3.core.extension.ExtensionContext;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.core.extension.HandleSupplier;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;

/**
 * The {@link Statements}, made ready once, and used with whatever handle the thread works on. Jdbi would attach them to each handle
 * anew, with all their annotations: that was a quarter of an upload's CPU time.
 */
public final class Attached implements JdbiConfig<Attached> {
    private static final ThreadLocal<@Nullable Handle> CURRENT = new ThreadLocal<>();

    private @Nullable Statements statements;

    static void register(Jdbi jdbi) {
        jdbi.getConfig(Attached.class).statements = jdbi.getConfig(Extensions.class)
                .findFor(Statements.class, new OfThread(jdbi))
                .orElseThrow();
    }

    /** Makes a step with a handle, on which {@link #statements} then work in this thread. */
    static <T> T during(Handle handle, Database.Step<T> step) {
        Handle before = CURRENT.get();
        CURRENT.set(handle);
        try {
            return step.on(handle);
        } finally {
            if (before == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    /** @param handle the one of the step that this thread makes */
    static Statements statements(Handle handle) {
        Statements statements = handle.getConfig(Attached.class).statements;
        if (statements == null || !handle.equals(CURRENT.get())) {
            throw new IllegalStateException("statements belong to the step that the thread makes");
        }
        return statements;
    }

    @Override
    public Attached createCopy() {
        return this;
    }

    private record OfThread(Jdbi jdbi) implements HandleSupplier {
        @Override
        public Handle getHandle() {
            Handle handle = CURRENT.get();
            if (handle == null) {
                throw new IllegalStateException("statements are made in a step");
            }
            return handle;
        }

        @Override
        public Jdbi getJdbi() {
            return jdbi;
        }

        @Override
        public ConfigRegistry getConfig() {
            return jdbi.getConfig();
        }

        /** None of the statements has a configuration of its own. */
        @Override
        public <V> V invokeInContext(ExtensionContext context, Callable<V> task) throws Exception {
            return task.call();
        }
    }
}
