package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that others have written download over a network that breaks, where they are installed. */
class DownloadClientsTest extends RunningServer {
    private static final byte[] BYTES = random(12, 4_000_000);
    private static final int CHECKSUM_ERROR = 32;

    @Override
    Map<String, String> database(Path data) {
        return Map.of();
    }

    @Test
    void curl_goes_on_where_it_was_cut() throws Exception {
        String path = upload();
        try (CuttingProxy network = new CuttingProxy(server.port(), 1_000_000, 2)) {
            String url = "http://127.0.0.1:" + network.port() + path;
            Path out = data.resolve("curl.out");
            List<String> command = List.of(
                    "curl", "-sS", "-f", "-C", "-", "-H", "Authorization: Bearer " + admin, "-o", out.toString(), url);

            int partialFile = 18;
            assertThat(run(command)).isEqualTo(partialFile);
            assertThat(run(command)).isEqualTo(partialFile);
            assertThat(run(command)).isZero();

            assertThat(network.cutsLeft()).isZero();
            assertThat(out).hasBinaryContent(BYTES);
        }
    }

    @Test
    void wget_goes_on_where_it_was_cut() throws Exception {
        String path = upload();
        try (CuttingProxy network = new CuttingProxy(server.port(), 1_000_000, 2)) {
            Path out = data.resolve("wget.out");

            int code = run(List.of(
                    "wget",
                    "-q",
                    "-c",
                    "--tries=6",
                    "--waitretry=0",
                    "--header=Authorization: Bearer " + admin,
                    "-O",
                    out.toString(),
                    "http://127.0.0.1:" + network.port() + path));

            assertThat(code).isZero();
            assertThat(network.cutsLeft()).isZero();
            assertThat(out).hasBinaryContent(BYTES);
        }
    }

    @Test
    void aria2_joins_parts_and_compares_the_digest() throws Exception {
        String path = upload();
        try (CuttingProxy network = new CuttingProxy(server.port(), 700_000, 2)) {
            assertThat(run(aria2(network, path, "whole.out"))).isZero();
            assertThat(network.cutsLeft()).isZero();
            assertThat(data.resolve("whole.out")).hasBinaryContent(BYTES);

            network.lieAboutDigests();
            assertThat(run(aria2(network, path, "wrong.out"))).isEqualTo(CHECKSUM_ERROR);
            assertThat(network.toldLies()).isPositive();
        }
    }

    private List<String> aria2(CuttingProxy network, String path, String out) {
        return List.of(
                "aria2c",
                "-q",
                "--no-conf",
                "-x",
                "4",
                "-s",
                "4",
                "-k",
                "1M",
                "--max-tries=9",
                "--retry-wait=0",
                "--header=Authorization: Bearer " + admin,
                "-d",
                data.toString(),
                "-o",
                out,
                "http://127.0.0.1:" + network.port() + path);
    }

    private String upload() throws Exception {
        return "/v1/documents/"
                + body(upload(admin, "file.bin", "application/octet-stream", BYTES, "{}"), 201)
                        .get("id")
                        .asText()
                + "/content";
    }

    private int run(List<String> command) throws Exception {
        String[] folders = System.getenv("PATH").split(File.pathSeparator);
        assumeTrue(
                Stream.of(folders).anyMatch(folder -> Files.isExecutable(Path.of(folder, command.get(0)))),
                command.get(0) + " is not installed");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("client.log").toFile());
        Process process = builder.start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as("%s ended", command).isTrue();
        return process.exitValue();
    }
}
