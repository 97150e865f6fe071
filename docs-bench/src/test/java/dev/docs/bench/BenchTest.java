package dev.docs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** That it still runs; what it finds means nothing here. */
class BenchTest {
    @TempDir
    Path work;

    @Test
    void measuresAndReports() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Place place = Place.of(
                Place.Extent.SMOKE,
                work,
                java,
                List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "dev.docs.app.Main"));
        Report report = new Report(Map.of());
        Bench.measure(place, report, Set.of("small-up", "small-down"));
        report.write(work.resolve("results"));

        assertThat(report.lines()).extracting(Report.Line::what).contains("small upload", "small download");
        assertThat(report.lines())
                .allSatisfy(line -> assertThat(line.value())
                        .as(line.what() + ", " + line.figure())
                        .isGreaterThanOrEqualTo(0));
        assertThat(work.resolve("results"))
                .isDirectoryContaining("glob:**.json")
                .isDirectoryContaining("glob:**.svg");
        assertThat(Files.readString(work.resolve("results/table.md"))).contains("| small upload |");
    }

    @Test
    void takesTheMiddle() {
        assertThat(Rounds.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(Rounds.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    }
}
