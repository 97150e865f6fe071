package dev.docs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server under test. */
final class DocsProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENS = Pattern.compile("Docs listens on http://127\\.0\\.0\\.1:(\\d+)\\R");
    private static final Pattern TOKEN = Pattern.compile("docs_[A-Za-z0-9_-]{43}(?=\\R)");

    private static final Pattern COLLECTED = Pattern.compile("(\\d+)M->(\\d+)M\\(");

    private final Process process;
    private final Path folder;
    private final int port;
    private final String admin;

    private DocsProcess(Process process, Path folder, int port, String admin) {
        this.process = process;
        this.folder = folder;
        this.port = port;
        this.admin = admin;
    }

    /**
     * Starts a server with an empty folder and waits until it listens.
     *
     * @param folder for its data and its log
     * @param options of Java
     * @param flags of the server, beside those for address and data
     */
    static DocsProcess start(Place place, Path folder, List<String> options, Map<String, String> flags)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(place.java().toString(), "-Djava.awt.headless=true"));
        command.addAll(options);
        command.add("-Xlog:gc:file=" + folder.resolve("gc.txt"));
        command.addAll(place.server());
        command.addAll(
                List.of("serve", "--port", "0", "--data", folder.resolve("data").toString()));
        flags.forEach((flag, value) -> command.addAll(List.of(flag, value)));
        Path out = folder.resolve("out.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("log.txt").toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().keySet().removeIf(name -> name.startsWith("DOCS_"));
        Process process = builder.start();
        while (true) {
            String said = Files.readString(out);
            Matcher listens = LISTENS.matcher(said);
            Matcher token = TOKEN.matcher(said);
            if (listens.find() && token.find()) {
                return new DocsProcess(process, folder, Integer.parseInt(listens.group(1)), token.group());
            }
            if (!process.isAlive()) {
                throw new IOException("the server ended: " + Files.readString(folder.resolve("log.txt")));
            }
            Thread.sleep(10);
        }
    }

    int port() {
        return port;
    }

    String admin() {
        return admin;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** The most that the heap held before a collection, in MiB; 0 if there was none yet. */
    double peakHeapMiB() throws IOException {
        return COLLECTED
                .matcher(Files.readString(folder.resolve("gc.txt")))
                .results()
                .mapToInt(collection -> Integer.parseInt(collection.group(1)))
                .max()
                .orElse(0);
    }

    /** What is left on the heap after a collection that is made now, in MiB. */
    double liveHeapMiB(Place place) throws Exception {
        Path jcmd = Objects.requireNonNull(place.java().getParent()).resolve("jcmd");
        new ProcessBuilder(jcmd.toString(), String.valueOf(process.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        Matcher last = COLLECTED.matcher(Files.readString(folder.resolve("gc.txt")));
        int live = 0;
        while (last.find()) {
            live = Integer.parseInt(last.group(2));
        }
        return live;
    }

    double rssMiB() {
        return Proc.rssBytes(handle()) / (double) (1 << 20);
    }

    /** A token of a user. */
    String token(String user) throws IOException {
        try (Client client = new Client(port)) {
            return JSON.readTree(client.ask(post("/v1/tokens", admin, Map.of("user_id", user)), 201))
                    .get("token")
                    .asText();
        }
    }

    static byte[] post(String path, String token, Object body) throws IOException {
        byte[] json = JSON.writeValueAsBytes(body);
        byte[] head =
                Client.head("POST " + path, token, "Content-Type: application/json", "Content-Length: " + json.length);
        return joined(head, json);
    }

    /** A form with one file, metadata of three pairs, and a name. */
    static byte[] upload(String token, String name, byte[] content) {
        byte[] before = ("--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n"
                        + "{\"year\": 2026, \"customer\": \"Rossi\", \"tags\": [\"invoice\"]}"
                        + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] after = "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] head = Client.head(
                "POST /v1/documents",
                token,
                "Content-Type: multipart/form-data; boundary=b",
                "Content-Length: " + (before.length + content.length + after.length));
        return joined(joined(head, before), joined(content, after));
    }

    static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = new byte[first.length + second.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
