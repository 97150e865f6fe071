package dev.docs.adapter.tika;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Compares the detector with {@code file --mime-type} on real files, whatever there are, and prints where they differ.
 * Skipped unless {@code docs.files} names folders, separated as in a class path.
 */
class FileComparisonTest {
    private static final int MOST_OF_A_TYPE = 25;
    private static final int MOST_BYTES = 100 << 20;

    /** What {@code file} calls things that must never be taken for what a browser shows by a program of its own. */
    private static final Set<String> ACTIVE = Set.of(
            "text/html",
            "image/svg+xml",
            "application/javascript",
            "application/x-dosexec",
            "application/x-executable",
            "application/x-pie-executable",
            "application/x-sharedlib",
            "application/java-archive");

    /** Names that only {@code file} uses, and the detector's for the same. */
    private static final Map<String, String> NAMES = Map.of(
            "application/x-pie-executable", "application/x-sharedlib",
            "application/x-java-applet", "application/java-vm",
            "font/sfnt", "application/x-font-ttf",
            "font/x-postscript-pfb", "application/x-font-type1",
            "image/x-icns", "image/icns",
            "text/x-msdos-batch", "application/x-bat",
            "text/x-script.python", "text/x-python",
            "text/x-shellscript", "application/x-sh");

    private final TikaMediaTypeDetector detector = new TikaMediaTypeDetector();

    /** How the two answers relate. */
    private enum Relation {
        SAME,
        BOTH_NOTHING,
        WE_SAY_MORE,
        FILE_SAYS_MORE,
        WE_SEE_NOTHING,
        FILE_SEES_NOTHING,
        DIFFERENT
    }

    @Test
    void nothing_that_runs_is_taken_for_what_is_only_shown() throws IOException, InterruptedException {
        String folders = System.getProperty("docs.files", "");
        assumeTrue(!folders.isEmpty(), "compares only if -Ddocs.files names folders with files");
        assumeTrue(hasFile(), "the program 'file' is not installed");

        Map<String, List<Path>> byType = choose(folders);
        Map<Relation, Integer> counts = new TreeMap<>();
        Map<String, Integer> differences = new TreeMap<>();
        List<String> dangerous = new ArrayList<>();
        int files = 0;
        for (Map.Entry<String, List<Path>> entry : byType.entrySet()) {
            for (Path path : entry.getValue()) {
                String theirs = entry.getKey();
                String ours = detect(path);
                Relation relation = compare(ours, theirs);
                counts.merge(relation, 1, Integer::sum);
                if (relation != Relation.SAME && relation != Relation.BOTH_NOTHING) {
                    String named = relation.name().toLowerCase(Locale.ROOT).replace('_', ' ');
                    differences.merge("| %s | %s | %s |".formatted(named, theirs, ours), 1, Integer::sum);
                }
                boolean shown = ours.equals("application/pdf") || ours.matches("(image|audio|video)/.*");
                if (ACTIVE.contains(theirs) && shown && !ours.equals("image/svg+xml")) {
                    dangerous.add(theirs + " as " + ours + ": " + path);
                }
                files++;
            }
        }
        System.out.println(files + " files of " + byType.size() + " types: " + counts);
        differences.forEach((difference, count) -> System.out.println(difference + " " + count + " |"));
        assertThat(files).as("files to compare").isPositive();
        assertThat(dangerous).isEmpty();
    }

    private Relation compare(String ours, String file) {
        String theirs = NAMES.getOrDefault(file, file);
        boolean theyKnow = !theirs.equals("application/octet-stream") && !theirs.startsWith("inode/");
        if (ours.isEmpty() || !theyKnow) {
            return ours.isEmpty()
                    ? theyKnow ? Relation.WE_SEE_NOTHING : Relation.BOTH_NOTHING
                    : Relation.FILE_SEES_NOTHING;
        }
        boolean oursIsTheirs = detector.isKindOf(ours, theirs);
        boolean theirsIsOurs = detector.isKindOf(theirs, ours);
        if (oursIsTheirs || theirsIsOurs) {
            return oursIsTheirs && theirsIsOurs
                    ? Relation.SAME
                    : oursIsTheirs ? Relation.WE_SAY_MORE : Relation.FILE_SAYS_MORE;
        }
        return Relation.DIFFERENT;
    }

    private String detect(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] head = in.readNBytes(detector.headBytes());
            String name = String.valueOf(path.getFileName());
            return detector.detect(ByteBuffer.wrap(head), name).orElse("");
        }
    }

    /** The first files of each type, in the order of their paths. */
    private static Map<String, List<Path>> choose(String folders) throws IOException, InterruptedException {
        List<Path> found = new ArrayList<>();
        for (String folder : folders.split(File.pathSeparator)) {
            try (Stream<Path> walk = Files.walk(Path.of(folder))) {
                walk.filter(FileComparisonTest::isWanted).forEach(found::add);
            }
        }
        found.sort(null);
        Map<String, List<Path>> byType = new TreeMap<>();
        for (int from = 0; from < found.size(); from += 500) {
            List<Path> batch = found.subList(from, Math.min(found.size(), from + 500));
            List<String> types = file(batch);
            for (int i = 0; i < batch.size(); i++) {
                List<Path> ofType = byType.computeIfAbsent(types.get(i), type -> new ArrayList<>());
                if (ofType.size() < MOST_OF_A_TYPE) {
                    ofType.add(batch.get(i));
                }
            }
        }
        return byType;
    }

    private static boolean isWanted(Path path) {
        try {
            return Files.isRegularFile(path)
                    && !Files.isSymbolicLink(path)
                    && Files.isReadable(path)
                    && Files.size(path) > 0
                    && Files.size(path) <= MOST_BYTES
                    && path.toString().indexOf('\n') < 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasFile() throws InterruptedException {
        try {
            return new ProcessBuilder("file", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> file(List<Path> paths) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("file", "--brief", "--mime-type", "--"));
        paths.forEach(path -> command.add(path.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> types = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).isZero();
        assertThat(types).hasSameSizeAs(paths);
        return types;
    }
}
