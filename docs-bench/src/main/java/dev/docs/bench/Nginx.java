package dev.docs.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The yardstick for bytes: sends files with sendfile, takes them with PUT and does not sync them. */
final class Nginx implements AutoCloseable {
    private final Process process;
    private final int port;
    private final Path root;

    private Nginx(Process process, int port, Path root) {
        this.process = process;
        this.port = port;
        this.root = root;
    }

    static boolean isThere() {
        return Files.isExecutable(Path.of("/usr/sbin/nginx"));
    }

    static Nginx start(Path folder) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path root = Files.createDirectories(folder.resolve("root"));
        Path config = folder.resolve("nginx.conf");
        boolean isRoot = System.getProperty("user.name").equals("root");
        Files.writeString(config, """
                %s
                daemon off;
                worker_processes auto;
                pid %2$s/pid;
                error_log %2$s/error.log;
                events { worker_connections 4096; }
                http {
                    access_log %2$s/access.log;
                    client_body_temp_path %2$s/body;
                    proxy_temp_path %2$s/proxy; fastcgi_temp_path %2$s/fastcgi;
                    uwsgi_temp_path %2$s/uwsgi; scgi_temp_path %2$s/scgi;
                    sendfile on;
                    tcp_nopush on;
                    keepalive_requests 1000000000;
                    client_max_body_size 0;
                    server {
                        listen 127.0.0.1:%3$d;
                        root %4$s;
                        location / { dav_methods PUT DELETE; create_full_put_path on; }
                    }
                }
                """.formatted(isRoot ? "user root;" : "", folder, port, root));
        Process process = new ProcessBuilder("/usr/sbin/nginx", "-c", config.toString(), "-p", folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile())
                .start();
        Nginx nginx = new Nginx(process, port, root);
        for (int attempt = 0; ; attempt++) {
            try {
                new Client(port).close();
                return nginx;
            } catch (IOException e) {
                if (attempt > 500 || !process.isAlive()) {
                    throw new IOException("nginx does not start: " + Files.readString(folder.resolve("out.txt")), e);
                }
                Thread.sleep(10);
            }
        }
    }

    int port() {
        return port;
    }

    /** What it sends and where it puts what it is sent. */
    Path root() {
        return root;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    static byte[] put(String path, byte[] content) {
        byte[] head = Client.head("PUT " + path, "", "Content-Length: " + content.length);
        return DocsProcess.joined(head, content);
    }

    static List<byte[]> gets(List<String> paths) {
        return paths.stream().map(path -> Client.head("GET " + path, "")).toList();
    }
}
