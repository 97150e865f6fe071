package dev.docs.adapter.fs;

import dev.docs.domain.StorageBackend.Entry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One page of a tree in the order of its keys. Holds the names of one folder at each depth, never of the whole tree, and
 * does not enter folders whose keys all come before the page.
 */
final class FolderWalk {
    private static final Pattern SEGMENT = Pattern.compile("[a-z0-9-]+");

    private final Path root;
    private final String skipped;
    private final String after;
    private final int max;
    private final List<Entry> page = new ArrayList<>();

    /**
     * @param skipped a folder in the root that is no part of the tree
     * @param after the key to start behind; empty to start with the first
     */
    FolderWalk(Path root, String skipped, String after, int max) {
        this.root = root;
        this.skipped = skipped;
        this.after = after;
        this.max = max;
    }

    List<Entry> page() throws IOException {
        visit(root, "");
        return List.copyOf(page);
    }

    private void visit(Path folder, String prefix) throws IOException {
        for (var named : read(folder, prefix).entrySet()) {
            if (page.size() == max) {
                return;
            }
            String key = named.getKey();
            if (named.getValue().isDirectory()) {
                visit(root.resolve(key), key);
            } else if (key.compareTo(after) > 0) {
                page.add(new Entry(key, named.getValue().size()));
            }
        }
    }

    /**
     * Files by their key, folders by what their keys start with. The slash at the end of the latter makes the order of
     * the map that of all keys: "a-b" comes before "a/b".
     */
    private NavigableMap<String, BasicFileAttributes> read(Path folder, String prefix) throws IOException {
        NavigableMap<String, BasicFileAttributes> found = new TreeMap<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                String name = String.valueOf(path.getFileName());
                String key = prefix + name;
                if (isBefore(key) || !SEGMENT.matcher(name).matches() || (prefix.isEmpty() && name.equals(skipped))) {
                    continue;
                }
                try {
                    BasicFileAttributes attributes =
                            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                    if (attributes.isDirectory()) {
                        found.put(key + "/", attributes);
                    } else if (attributes.isRegularFile()) {
                        found.put(key, attributes);
                    }
                } catch (NoSuchFileException e) {
                    // deleted since the folder was read
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            // an empty folder that was removed from outside; the caller looks after the root
        }
        return found;
    }

    /** Whether neither the key itself nor anything below it can be in the page. */
    private boolean isBefore(String key) {
        return key.compareTo(after) < 0 && !after.startsWith(key);
    }
}
