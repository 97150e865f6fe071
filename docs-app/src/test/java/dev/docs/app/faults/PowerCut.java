package dev.docs.app.faults;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a power cut would take, now: bytes that were not forced or whose force failed, since the kernel may drop them and
 * report success to the next one; new names in folders that were not forced since; and deletions since the last force of
 * any folder, since a journal keeps their order.
 */
final class PowerCut {
    private enum State {
        WRITTEN,
        FORCED,
        DROPPED
    }

    /** Bytes; every name that they have refers to the same. */
    private static final class Bytes {
        private State state = State.WRITTEN;
    }

    private final Map<Path, Bytes> bytes = new HashMap<>();
    private final Set<Path> made = new HashSet<>();
    private final Set<Path> deleted = new TreeSet<>();

    void made(Path path) {
        bytes.put(path, new Bytes());
        made.add(path);
    }

    void linked(Path link, Path existing) {
        bytes.put(link, bytes.getOrDefault(existing, new Bytes()));
        made.add(link);
    }

    void deleted(Path path) {
        bytes.remove(path);
        made.remove(path);
        deleted.add(path);
    }

    void written(Path path) {
        Bytes of = bytes.computeIfAbsent(path, key -> new Bytes());
        of.state = of.state == State.DROPPED ? State.DROPPED : State.WRITTEN;
    }

    void forced(Path path, boolean succeeded) {
        Bytes of = bytes.get(path);
        if (of != null) {
            of.state = succeeded && of.state != State.DROPPED ? State.FORCED : State.DROPPED;
        }
        if (succeeded && path.toFile().isDirectory()) {
            made.removeIf(name -> path.equals(name.getParent()));
            deleted.clear();
        }
    }

    /** Whether it would take a file, its bytes, or a folder between it and the root of its store. */
    boolean takes(Path root, Path file) {
        Bytes of = bytes.get(file);
        boolean isNameless = false;
        for (Path path = file; path != null && !path.equals(root); path = path.getParent()) {
            isNameless |= made.contains(path);
        }
        return isNameless || of == null || of.state != State.FORCED;
    }

    /** Files that it would bring back. */
    Set<Path> bringsBack() {
        Set<Path> names = new TreeSet<>(deleted);
        names.removeIf(path -> path.getFileName().toString().startsWith("_"));
        return names;
    }
}
