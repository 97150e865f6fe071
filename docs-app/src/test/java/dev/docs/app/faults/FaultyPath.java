package dev.docs.app.faults;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;

/** A path on a {@link FaultyDisk}. Two are equal if their disk and their real path are. */
record FaultyPath(FaultyDisk disk, Path real) implements Path {
    static Path real(Path path) {
        return ((FaultyPath) path).real;
    }

    private Path of(Path other) {
        return new FaultyPath(disk, other);
    }

    private @Nullable Path ofNullable(@Nullable Path other) {
        return other == null ? null : of(other);
    }

    @Override
    public FileSystem getFileSystem() {
        return disk;
    }

    @Override
    public boolean isAbsolute() {
        return real.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
        return ofNullable(real.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
        return ofNullable(real.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
        return ofNullable(real.getParent());
    }

    @Override
    public int getNameCount() {
        return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
        return of(real.getName(index));
    }

    @Override
    public Path subpath(int begin, int end) {
        return of(real.subpath(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof FaultyPath && real.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof FaultyPath && real.endsWith(real(other));
    }

    @Override
    public Path normalize() {
        return of(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
        return of(real.resolve(real(other)));
    }

    @Override
    public Path relativize(Path other) {
        return of(real.relativize(real(other)));
    }

    @Override
    public URI toUri() {
        return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
        return of(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        disk.look(real);
        return of(real.toRealPath(options));
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
        return real.compareTo(real(other));
    }

    @Override
    public String toString() {
        return Objects.toString(real);
    }
}
