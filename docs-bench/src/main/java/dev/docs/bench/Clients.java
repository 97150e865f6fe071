package dev.docs.bench;

import dev.docs.bench.Report.Target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What many clients cost that do nothing, or next to nothing. */
final class Clients {
    private final Place place;
    private final Report report;

    Clients(Place place, Report report) {
        this.place = place;
        this.report = report;
    }

    void run() throws Exception {
        int count = place.isSmoke() ? 20 : 1000;
        try (DocsProcess docs = DocsProcess.start(place, place.folder("docs-clients"), List.of("-Xmx256m"), Map.of())) {
            measure(
                    docs,
                    "idle clients, " + count,
                    count,
                    client -> client.exchange(Client.head("GET /health/live", ""), 200));
            byte[] begun = beginning(docs.admin());
            measure(docs, "slow uploads, " + count, count, client -> client.send(begun, begun.length));
        }
    }

    private interface Begin {
        void with(Client client) throws IOException;
    }

    private void measure(DocsProcess docs, String what, int count, Begin begin) throws Exception {
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Client client = new Client(docs.port());
                clients.add(client);
                begin.with(client);
            }
            for (int i = 0; i < (place.isSmoke() ? 1 : 5); i++) {
                Thread.sleep(1000);
                if (what.startsWith("slow")) {
                    byte[] some = new byte[2048];
                    for (Client client : clients) {
                        client.send(some, some.length);
                    }
                }
            }
            Rounds rounds = new Rounds().side("Docs", () -> {
                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("peak heap MiB", docs.peakHeapMiB());
                figures.put("live heap MiB", docs.liveHeapMiB(place));
                figures.put("RSS MiB", docs.rssMiB());
                return figures;
            });
            report.add(what, "-Xmx256m, H2", rounds.run(1), "Docs", null, Map.of("live heap MiB", Target.atMost(256)));
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    /** An upload whose content comes later, and then slowly. */
    private static byte[] beginning(String token) {
        byte[] head = Client.head(
                "POST /v1/documents",
                token,
                "Content-Type: multipart/form-data; boundary=b",
                "Content-Length: 1000000");
        byte[] part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow.bin\"\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        return DocsProcess.joined(head, part);
    }
}
