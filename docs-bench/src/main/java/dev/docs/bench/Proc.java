package dev.docs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux tells of a process, see proc(5). */
final class Proc {
    /** USER_HZ: what /proc counts in, the same on every architecture that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private Proc() {}

    /** User and system time of a process and of all that descend from it and live. */
    static double cpuSeconds(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                        .mapToLong(each -> ticks(each.pid()))
                        .sum()
                / TICKS_PER_SECOND;
    }

    /** The same of this process, without its descendants. */
    static double ownCpuSeconds() {
        return ticks(ProcessHandle.current().pid()) / TICKS_PER_SECOND;
    }

    private static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // the name before it may have blanks
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException e) {
            // it has ended meanwhile
            return 0;
        }
    }

    static long rssBytes(ProcessHandle process) {
        return status(process, "VmRSS:");
    }

    /** The most since its start or since {@link #forgetPeak}. */
    static long peakRssBytes(ProcessHandle process) {
        return status(process, "VmHWM:");
    }

    static void forgetPeak(ProcessHandle process) {
        try {
            Files.writeString(Path.of("/proc/" + process.pid() + "/clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long status(ProcessHandle process, String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith(name))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
