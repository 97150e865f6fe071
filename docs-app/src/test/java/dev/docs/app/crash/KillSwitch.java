package dev.docs.app.crash;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Part of the server under test: what {@link Weaver} makes it call at every {@link KillPoint}. */
public final class KillSwitch {
    static final String POINT = "docs.kill.point";
    static final String PASSAGE = "docs.kill.passage";

    /** Names a file. Only while it is there passages count, so that a server can be looked at before it has to die. */
    static final String ARMED = "docs.kill.armed";

    private static final @Nullable String point = System.getProperty(POINT);
    private static final int passage = Integer.getInteger(PASSAGE, 1);
    private static final Path armed = Path.of(System.getProperty(ARMED, "unarmed"));
    private static final AtomicInteger passages = new AtomicInteger();

    private KillSwitch() {}

    /** Where the armed file is once the point has killed. */
    static Path hit(Path armed) {
        return armed.resolveSibling(armed.getFileName() + ".hit");
    }

    /** SIGKILLs this process and never returns, if this is the passage that was asked for. */
    public static void pass(String name) {
        if (!name.equals(point) || !Files.exists(armed) || passages.incrementAndGet() != passage) {
            return;
        }
        try {
            Files.move(armed, hit(armed));
            new ProcessBuilder(
                            "kill", "-9", String.valueOf(ProcessHandle.current().pid()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (true) {
            LockSupport.park();
        }
    }
}
