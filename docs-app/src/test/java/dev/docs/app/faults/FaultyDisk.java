package dev.docs.app.faults;

import dev.docs.app.faults.Fault.Failure;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The default file system, whose calls fail as planned. What Docs does not call, it refuses. */
final class FaultyDisk extends FileSystem {
    /** Every call to the disk. */
    static final String ANY = "file.any";
    /** Calls that need room on the disk. */
    static final String SPACE = "file.space";
    /** Calls that need a descriptor. */
    static final String DESCRIPTORS = "file.descriptors";

    static final Set<String> GROUPS = Set.of(ANY, SPACE, DESCRIPTORS);

    private final Faults faults;
    private final Provider provider = new Provider();
    private final PowerCut memory = new PowerCut();
    private int open;

    FaultyDisk(Faults faults) {
        this.faults = faults;
    }

    Path path(Path real) {
        return new FaultyPath(this, real);
    }

    /** How many files and folders are open now. */
    int open() {
        return open;
    }

    /** What a power cut would take. */
    PowerCut memory() {
        return memory;
    }

    void closed() {
        open--;
    }

    @Nullable
    Failure on(String call, String... groups) {
        String[] all = Arrays.copyOf(groups, groups.length + 1);
        all[groups.length] = ANY;
        return faults.on(call, all);
    }

    void look(Path real) throws IOException {
        done(on("file.look"), real, () -> real);
    }

    @FunctionalInterface
    private interface Step<T> {
        T run() throws IOException;
    }

    private static <T> T done(@Nullable Failure failure, Path real, Step<T> step) throws IOException {
        if (failure == null) {
            return step.run();
        }
        if (failure == Failure.DONE_THEN_IO) {
            step.run();
        }
        throw new FileSystemException(real.toString(), null, failure.message);
    }

    private final class Provider extends FileSystemProvider {
        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            Path real = FaultyPath.real(path);
            boolean creates = options.contains(StandardOpenOption.CREATE_NEW);
            Failure failure = creates ? on("file.create", SPACE, DESCRIPTORS) : on("file.open", DESCRIPTORS);
            if (failure == Failure.DONE_THEN_IO) {
                FileChannel.open(real, options, attributes).close();
                memory.made(real);
                throw new FileSystemException(real.toString(), null, failure.message);
            }
            return done(failure, real, () -> {
                FileChannel file = FileChannel.open(real, options, attributes);
                open++;
                if (creates) {
                    memory.made(real);
                }
                return new FaultyFile(FaultyDisk.this, real, file);
            });
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            Path real = FaultyPath.real(folder);
            return done(on("file.list", DESCRIPTORS), real, () -> {
                DirectoryStream<Path> names = real.getFileSystem().provider().newDirectoryStream(real, any -> true);
                open++;
                return new Names(names);
            });
        }

        @Override
        public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
            Path real = FaultyPath.real(folder);
            done(on("file.folder", SPACE), real, () -> {
                Files.createDirectory(real, attributes);
                memory.made(real);
                return real;
            });
        }

        @Override
        public void createLink(Path link, Path existing) throws IOException {
            Path real = FaultyPath.real(link);
            done(on("file.link", SPACE), real, () -> {
                Files.createLink(real, FaultyPath.real(existing));
                memory.linked(real, FaultyPath.real(existing));
                return real;
            });
        }

        @Override
        public void delete(Path path) throws IOException {
            Path real = FaultyPath.real(path);
            done(on("file.delete"), real, () -> {
                Files.delete(real);
                memory.deleted(real);
                return real;
            });
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            Path real = FaultyPath.real(path);
            return done(on("file.look"), real, () -> Files.readAttributes(real, type, options));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            Path real = FaultyPath.real(path);
            look(real);
            real.getFileSystem().provider().checkAccess(real, modes);
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            Path real = FaultyPath.real(path);
            return done(on("file.look"), real, () -> Files.getFileStore(real));
        }

        @Override
        public String getScheme() {
            return "faulty";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Path getPath(URI uri) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void copy(Path from, Path to, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(Path from, Path to, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isSameFile(Path one, Path other) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isHidden(Path path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
            throw new UnsupportedOperationException();
        }
    }

    /** The names in a folder. */
    private final class Names implements DirectoryStream<Path> {
        private final DirectoryStream<Path> next;

        Names(DirectoryStream<Path> next) {
            this.next = next;
        }

        @Override
        public Iterator<Path> iterator() {
            Iterator<Path> names = next.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    Failure failure = on("file.names");
                    if (failure != null) {
                        throw new DirectoryIteratorException(new IOException(failure.message));
                    }
                    return names.hasNext();
                }

                @Override
                public Path next() {
                    return path(names.next());
                }
            };
        }

        @Override
        public void close() throws IOException {
            next.close();
            open--;
        }
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return FileSystems.getDefault().getSeparator();
    }

    @Override
    public Path getPath(String first, String... more) {
        return path(Path.of(first, more));
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(pattern);
        return path -> matcher.matches(FaultyPath.real(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
