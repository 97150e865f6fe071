package dev.docs.adapter.fs;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.DraftStore;
import dev.docs.domain.Durability;
import dev.docs.domain.Quarantine;
import dev.docs.domain.ResumableStorage;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Content as files below one folder. The file of a key is {@code <root>/<key>}; while it is being written it is
 * {@code <root>/tmp/<key>} with an underscore for each slash, a character that no key has.
 *
 * <p>A finished file gets its name by a hard link, since renaming would silently replace a file that has the name
 * already; the temporary name is then removed. The file {@code STORE-ID} holds the store's {@link #id}. Both names are on one file system, and it has to have hard links: ext4,
 * XFS, Btrfs, ZFS, APFS and NTFS do, FAT does not. {@link #open} finds out.
 *
 * <p>No symbolic link below the root is followed. The folder {@code tmp} also tells a store that is there from one whose
 * disk is not mounted: without it nothing counts as lost, only as unavailable. Folders are never removed.
 *
 * <p>Content in parts grows under its temporary name. Who adds to it has an exclusive lock of the operating system on the
 * file, which ends with the process; on NFS the server has to know such locks.
 *
 * <p>On Windows folders can't be synced, so there a power cut may take the name of a file that was just stored.
 *
 * <p>Safe for use by any thread, and by several processes at once. Each {@link #store} under way takes 128 KiB of heap
 * and one file descriptor, each open read one descriptor.
 */
public final class FileSystemStorage implements StorageBackend, ResumableStorage, DraftStore, Quarantine {
    private static final String TEMP = "tmp";

    /** In letters that no key has. */
    private static final String ASIDE = "QUARANTINE";

    private static final String ID = "STORE-ID";
    private static final String PROBES = "_????????-????-????-????-????????????";
    private static final Duration LONGEST_PROBE = Duration.ofHours(1);
    static final int BUFFER_BYTES = 128 * 1024;
    private static final int MAX_SYNCED_FOLDERS = 10_000;
    private static final boolean CAN_SYNC_FOLDERS = File.separatorChar == '/';

    private final Path root;
    private final Path temp;
    private final Durability durability;
    private final String id;

    /** Looked for once, since that reads the list of all mounts; null if the file system has none. */
    private final @Nullable FileStore disk;

    /** Folders whose own name this process has synced. One that is merely there may still be lost with the power. */
    private final Set<Path> syncedFolders = ConcurrentHashMap.newKeySet();

    /** Unfinished files that are open in this process. To open one again would end its lock when that is closed. */
    private final Set<StorageUrl> growing = ConcurrentHashMap.newKeySet();

    /** Opens what is there, and makes what is not. */
    private FileSystemStorage(Path existing, Path root, Durability durability) throws IOException {
        this.root = root;
        this.temp = root.resolve(TEMP);
        this.durability = durability;
        makeFolders(existing, temp);
        this.disk = disk(root);
        clearProbes();
        this.id = makeId();
    }

    private static @Nullable FileStore disk(Path root) throws IOException {
        try {
            return Files.getFileStore(root);
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    /** As {@link #open(Path, Durability)} with {@link Durability#POWER_LOSS}. */
    public static FileSystemStorage open(Path root) {
        return open(root, Durability.POWER_LOSS);
    }

    /**
     * Opens a store; makes its folder if it is not there.
     *
     * @param root may itself be a symbolic link to a folder
     * @throws IllegalArgumentException naming the path, if it is no folder that this process may write, or its file
     *     system has no hard links
     */
    public static FileSystemStorage open(Path root, Durability durability) {
        try {
            Path existing = root.toAbsolutePath().normalize();
            while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
                existing = existing.getParent();
            }
            Path rest = existing.relativize(root.toAbsolutePath().normalize());
            Path real = existing.toRealPath();
            return new FileSystemStorage(real, real.resolve(rest).normalize(), durability);
        } catch (IOException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                    "not a folder where content can be stored (it must be writable and have hard links): " + root, e);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Stored store(StorageUrl url, ReadableByteChannel bytes) {
        Path target = path(url);
        Path draft = draft(url);
        boolean drafted = false;
        boolean named = false;
        boolean done = false;
        try {
            requireRoot();
            if (look(target) != null) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Stored stored;
            try (FileChannel file = FileChannel.open(
                    draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                drafted = true;
                stored = copy(bytes, file);
                // never tried again after a failure: the kernel may have dropped the pages and would report success
                if (durability == Durability.POWER_LOSS) {
                    file.force(true);
                }
                if (file.size() != stored.sizeBytes()) {
                    throw new FileSystemException(draft.toString(), null, "has not the size that was written");
                }
            }
            Path folder = parent(target);
            makeFolders(root, folder);
            Files.createLink(target, draft);
            named = true;
            // before the sync, so that a journal takes the link and the unlink together
            Files.deleteIfExists(draft);
            drafted = false;
            sync(folder);
            done = true;
            return stored;
        } catch (FileAlreadyExistsException e) {
            throw failure("the storage address is taken", e);
        } catch (IOException e) {
            throw notStored(e);
        } finally {
            if (!done) {
                discard(named ? target : null, drafted ? draft : null);
            }
        }
    }

    @Override
    public Growing open(StorageUrl url) {
        if (!growing.add(url)) {
            throw DocumentUploadException.busy();
        }
        Growing opened = null;
        try {
            opened = lock(url);
            return opened;
        } catch (OverlappingFileLockException e) {
            throw DocumentUploadException.busy();
        } catch (IOException e) {
            throw notStored(e);
        } finally {
            if (opened == null) {
                growing.remove(url);
            }
        }
    }

    private Growing lock(StorageUrl url) throws IOException {
        requireRoot();
        Path draft = draft(url);
        FileChannel file =
                FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        boolean locked = false;
        try {
            if (file.tryLock() == null) {
                throw DocumentUploadException.busy();
            }
            // only now: who had the lock before may have finished it
            if (look(path(url)) != null || look(draft) == null) {
                throw new FileAlreadyExistsException(draft.toString());
            }
            locked = true;
            return new GrowingFile(this, url, file);
        } finally {
            if (!locked) {
                closeQuietly(file);
            }
        }
    }

    /** As in {@link #store}. */
    void sync(FileChannel file) throws IOException {
        if (durability == Durability.POWER_LOSS) {
            file.force(true);
        }
    }

    void syncDrafts() throws IOException {
        sync(temp);
    }

    void closed(StorageUrl url) {
        growing.remove(url);
    }

    DocumentStorageException notStored(IOException e) {
        return isFull(e) ? DocumentStorageException.full(e) : failure("content could not be stored", e);
    }

    @Override
    public Stored finish(StorageUrl url, long sizeBytes) {
        Path target = path(url);
        Path draft = draft(url);
        try {
            requireRoot();
            boolean isNamed = look(target) != null;
            Stored stored = digest(isNamed ? target : draft);
            if (stored.sizeBytes() != sizeBytes) {
                throw DocumentStorageException.lost(url, null);
            }
            Path folder = parent(target);
            if (!isNamed) {
                makeFolders(root, folder);
                try {
                    Files.createLink(target, draft);
                } catch (FileAlreadyExistsException e) {
                    // the same file, by somebody who does the same
                }
            }
            Files.deleteIfExists(draft);
            // also where the link was there: who made it may have died before this
            sync(folder);
            return stored;
        } catch (NoSuchFileException e) {
            throw absent(url, e);
        } catch (IOException e) {
            throw notStored(e);
        }
    }

    private static Stored digest(Path path) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long count = 0;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            while (file.read(buffer) >= 0) {
                count += buffer.position();
                digest.update(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
        return new Stored(count, Sha256.hex(digest));
    }

    @Override
    public ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
        Path target = path(url);
        FileChannel file = null;
        FileRange part = null;
        try {
            BasicFileAttributes attributes = look(target);
            if (attributes != null && attributes.isRegularFile()) {
                file = FileChannel.open(target, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            }
            if (file == null || file.size() < range.end()) {
                throw absent(url, null);
            }
            part = new FileRange(url, file.position(range.offset()), range.length());
            return part;
        } catch (NoSuchFileException e) {
            throw absent(url, e);
        } catch (IOException e) {
            throw failure("content could not be opened", e);
        } finally {
            if (part == null && file != null) {
                closeQuietly(file);
            }
        }
    }

    @Override
    public void delete(StorageUrl url) {
        Path target = path(url);
        try {
            requireRoot();
            // in this order a store under way fails at its link, or is linked already and loses its final name
            boolean hadDraft = Files.deleteIfExists(draft(url));
            BasicFileAttributes attributes = look(target);
            boolean hadTarget = false;
            if (attributes == null || attributes.isDirectory()) {
                requireRoot();
            } else {
                hadTarget = Files.deleteIfExists(target);
            }
            // what is gone already may have been removed by somebody whose sync failed or did not come
            if (hadDraft || !hadTarget) {
                sync(temp);
            }
            Path folder = parent(target);
            BasicFileAttributes above = look(folder);
            if (above != null && above.isDirectory()) {
                sync(folder);
            }
        } catch (IOException e) {
            throw failure("content could not be deleted", e);
        }
    }

    @Override
    public OptionalLong size(StorageUrl url) {
        try {
            BasicFileAttributes attributes = look(path(url));
            if (attributes != null && attributes.isRegularFile()) {
                return OptionalLong.of(attributes.size());
            }
            requireRoot();
            return OptionalLong.empty();
        } catch (IOException e) {
            throw failure("the storage could not be asked for a size", e);
        }
    }

    @Override
    public List<Entry> list(@Nullable String after, int max) {
        try {
            List<Entry> page = new FolderWalk(root, TEMP, after == null ? "" : after, max).page();
            requireRoot();
            return page;
        } catch (IOException e) {
            throw failure("the storage could not be listed", e);
        }
    }

    @Override
    public List<StorageUrl> drafts(String store, Duration silentFor, int max) {
        Instant before = Instant.now().minus(silentFor);
        List<StorageUrl> drafts = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(temp)) {
            for (Path path : paths) {
                String key = String.valueOf(path.getFileName()).replace('_', '/');
                if (drafts.size() == max) {
                    break;
                }
                if (StorageUrl.isKey(key)
                        && Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS)
                                .toInstant()
                                .isBefore(before)) {
                    drafts.add(new StorageUrl(store, key));
                }
            }
            return drafts;
        } catch (NoSuchFileException e) {
            // one was finished meanwhile: the rest can wait for the next look
            return drafts;
        } catch (IOException e) {
            throw failure("the storage could not be listed", e);
        } catch (DirectoryIteratorException e) {
            throw failure("the storage could not be listed", e.getCause());
        }
    }

    @Override
    public void deleteDraft(StorageUrl url) {
        try {
            Files.deleteIfExists(draft(url));
        } catch (IOException e) {
            throw failure("unfinished content could not be deleted", e);
        }
    }

    /** Moves it to {@code <root>/QUARANTINE}, under its key with an underscore for each slash. */
    @Override
    public void quarantine(StorageUrl url) {
        Path target = path(url);
        Path folder = root.resolve(ASIDE);
        Path aside = folder.resolve(flat(url));
        try {
            if (look(target) == null) {
                return;
            }
            makeFolders(root, folder);
            try {
                // not moved: a name is never taken from another file
                Files.createLink(aside, target);
            } catch (FileAlreadyExistsException e) {
                // an attempt before this one died half-way
            }
            sync(folder);
            Files.delete(target);
            sync(parent(target));
        } catch (IOException e) {
            throw failure("content could not be put aside", e);
        }
    }

    @Override
    public OptionalLong usableBytes() {
        try {
            return disk == null ? OptionalLong.empty() : OptionalLong.of(disk.getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void check() {
        try {
            requireRoot();
        } catch (IOException e) {
            throw failure("the storage is not there", e);
        }
        if (!Files.isWritable(root) || !Files.isWritable(temp)) {
            throw DocumentStorageException.unavailable("the storage can't be written", null);
        }
        OptionalLong usable = usableBytes();
        if (usable.isPresent() && usable.getAsLong() == 0) {
            throw DocumentStorageException.full(null);
        }
    }

    private static Stored copy(ReadableByteChannel source, FileChannel file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        // on the heap, where the digest works in place and an idle store leaves nothing behind
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long count = 0;
        boolean more = true;
        while (more) {
            more = fill(buffer, source);
            buffer.flip();
            digest.update(buffer.array(), 0, buffer.limit());
            while (buffer.hasRemaining()) {
                count += file.write(buffer);
            }
            buffer.clear();
        }
        return new Stored(count, Sha256.hex(digest));
    }

    /** Whether there may be more after it. The source's own exceptions must not pass for ours. */
    static boolean fill(ByteBuffer buffer, ReadableByteChannel source) {
        try {
            while (buffer.hasRemaining()) {
                int count = source.read(buffer);
                if (count < 0) {
                    return false;
                }
                if (count == 0) {
                    Thread.onSpinWait();
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path path(StorageUrl url) {
        Path path = root.resolve(url.key()).normalize();
        if (!path.startsWith(root) || path.equals(root) || path.startsWith(temp)) {
            throw new IllegalArgumentException("not a key for a file: " + url);
        }
        return path;
    }

    private Path draft(StorageUrl url) {
        return temp.resolve(flat(url));
    }

    /** A key as one name. */
    private static String flat(StorageUrl url) {
        return url.key().replace('/', '_');
    }

    private static Path parent(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new FileSystemException(path.toString(), null, "has no folder");
        }
        return parent;
    }

    /** What is at a path below the root; null if nothing is. */
    private @Nullable BasicFileAttributes look(Path path) throws IOException {
        Path at = root;
        BasicFileAttributes attributes = null;
        for (Path name : root.relativize(path)) {
            if (attributes != null && !attributes.isDirectory()) {
                return null;
            }
            at = at.resolve(name);
            try {
                attributes = Files.readAttributes(at, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                return null;
            }
            if (attributes.isSymbolicLink()) {
                throw new FileSystemException(at.toString(), null, "is a symbolic link, and none is followed");
            }
        }
        return attributes;
    }

    /** Makes the folders between two, and the name of each one durable, whoever made it. */
    private void makeFolders(Path from, Path to) throws IOException {
        Path folder = from;
        for (Path name : from.relativize(to)) {
            Path parent = folder;
            folder = parent.resolve(name);
            boolean made = makeFolder(folder);
            if (made || !syncedFolders.contains(folder)) {
                sync(parent);
                if (syncedFolders.size() >= MAX_SYNCED_FOLDERS) {
                    syncedFolders.clear();
                }
                syncedFolders.add(folder);
            }
        }
    }

    private static boolean makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            Files.createDirectory(folder);
            return true;
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            throw e;
        }
    }

    private void sync(Path folder) throws IOException {
        if (durability == Durability.POWER_LOSS && CAN_SYNC_FOLDERS) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                channel.force(true);
            }
        }
    }

    /**
     * The store's id, from the file that holds it; a new store gets one. Several processes may open a new store at once:
     * the first link wins. Linking each time also shows that this file system has hard links.
     */
    private String makeId() throws IOException {
        Path draft = temp.resolve("_" + UUID.randomUUID());
        Path probe = root.resolve(draft.getFileName());
        Path file = root.resolve(ID);
        try {
            try (FileChannel channel =
                    FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer text =
                        StandardCharsets.US_ASCII.encode(UUID.randomUUID().toString());
                while (text.hasRemaining()) {
                    channel.write(text);
                }
                channel.force(true);
            }
            Files.createLink(probe, draft);
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    Files.createLink(file, draft);
                } catch (FileAlreadyExistsException e) {
                    // another process was first
                }
                sync(root);
            }
        } finally {
            Files.deleteIfExists(probe);
            Files.deleteIfExists(draft);
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }

    /** Removes what openers left that died in {@link #makeId}. What is young may be of one that is alive. */
    private void clearProbes() throws IOException {
        Instant dead = Instant.now().minus(LONGEST_PROBE);
        for (Path folder : List.of(root, temp)) {
            try (DirectoryStream<Path> probes = Files.newDirectoryStream(folder, PROBES)) {
                for (Path probe : probes) {
                    BasicFileAttributes attributes = look(probe);
                    if (attributes != null
                            && attributes.isRegularFile()
                            && attributes.lastModifiedTime().toInstant().isBefore(dead)) {
                        Files.deleteIfExists(probe);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
    }

    /** After a failure that is on its way to the caller; whatever stays behind, {@link #delete} removes. */
    private void discard(@Nullable Path target, @Nullable Path draft) {
        for (Path path : new @Nullable Path[] {draft, target}) {
            if (path != null) {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    // the disk that failed the store fails this too
                }
            }
        }
    }

    private static void closeQuietly(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            // nothing was written through it
        }
    }

    private void requireRoot() throws IOException {
        if (!Files.isDirectory(temp, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(temp.toString(), null, "without it the storage counts as not mounted");
        }
    }

    private DocumentStorageException absent(StorageUrl url, @Nullable IOException cause) {
        try {
            requireRoot();
            return DocumentStorageException.lost(url, cause);
        } catch (IOException e) {
            return failure("the storage is not there", e);
        }
    }

    private static DocumentStorageException failure(String message, @Nullable IOException e) {
        return DocumentStorageException.unavailable(message, e);
    }

    /** The system's messages are in the language of its locale, so the free space has a say too. */
    private boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return true;
        }
        OptionalLong usable = usableBytes();
        return usable.isPresent() && usable.getAsLong() == 0;
    }
}
