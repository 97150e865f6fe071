package dev.docs.app.crash;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The server's classes, made ready once for all that are started: kill points woven in, and everything in jars, since only
 * what comes from jars can start from an archive of loaded classes. Without an archive a start takes twice as long.
 */
final class ServerImage {
    private static final Path FOLDER = Path.of("target", "crash" + System.getProperty("docs.fork", ""));
    private static final ServerImage ONLY = new ServerImage();

    private final String classPath;

    private ServerImage() {
        try {
            Files.createDirectories(FOLDER);
            try (Stream<Path> old = Files.list(FOLDER)) {
                for (Path file : (Iterable<Path>) old::iterator) {
                    Files.delete(file);
                }
            }
            List<String> path = new ArrayList<>();
            Path woven = FOLDER.resolve("woven.jar");
            Weaver.weave(woven);
            path.add(woven.toString());
            for (String element : System.getProperty("java.class.path").split(File.pathSeparator)) {
                path.add(Files.isDirectory(Path.of(element)) ? jar(Path.of(element), path.size()) : element);
            }
            classPath = String.join(File.pathSeparator, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What goes between {@code java} and the name of the main class. */
    static List<String> options(String archive) {
        Path file = archive(archive);
        List<String> options = new ArrayList<>(List.of("-Xlog:disable", "-cp", ONLY.classPath));
        // a start that finds no archive leaves one when it ends in order
        options.add((Files.exists(file) ? "-XX:SharedArchiveFile=" : "-XX:ArchiveClassesAtExit=") + file);
        return options;
    }

    static boolean hasArchive(String archive) {
        return Files.exists(archive(archive));
    }

    private static Path archive(String name) {
        return FOLDER.resolve(name + ".jsa");
    }

    private static String jar(Path classes, int number) throws IOException {
        Path jar = FOLDER.resolve("classes" + number + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file);
                Stream<Path> walk = Files.walk(classes)) {
            // folders, too: resources are looked for in them
            for (Path path : (Iterable<Path>) walk.skip(1).sorted()::iterator) {
                boolean folder = Files.isDirectory(path);
                String name = classes.relativize(path).toString().replace(File.separatorChar, '/');
                entries.putNextEntry(new JarEntry(folder ? name + "/" : name));
                if (!folder) {
                    Files.copy(path, entries);
                }
            }
        }
        return jar.toString();
    }
}
