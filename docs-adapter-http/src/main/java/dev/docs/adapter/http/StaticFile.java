package dev.docs.adapter.http;

import dev.docs.domain.Sha256;
import io.javalin.http.Context;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;

/** A small file that comes with the server, for anybody who asks. */
final class StaticFile {
    private final String type;
    private final byte[] bytes;
    private final String tag;

    private StaticFile(String type, byte[] bytes, String tag) {
        this.type = type;
        this.bytes = bytes;
        this.tag = tag;
    }

    /** @param type as in Content-Type */
    static StaticFile of(String type, byte[] bytes) {
        String digest = HexFormat.of().formatHex(Sha256.newDigest().digest(bytes), 0, 16);
        return new StaticFile(type, bytes, "\"" + digest + "\"");
    }

    /** @param path absolute, on the class path */
    static StaticFile load(String type, String path) {
        try (InputStream in = StaticFile.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return of(type, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InputStream open() {
        return new ByteArrayInputStream(bytes);
    }

    /** Its bytes, or 304 to those who have them. Kept by anybody, and asked about each time: the next release has the same address. */
    void send(Context ctx) {
        send(ctx, "no-cache");
    }

    /** The same for an address that will never stand for other bytes. */
    void sendForGood(Context ctx) {
        send(ctx, "public, max-age=31536000, immutable");
    }

    private void send(Context ctx, String cacheControl) {
        ctx.header("ETag", tag);
        ctx.header("Cache-Control", cacheControl);
        ETags ifNoneMatch = ETags.parse("If-None-Match", Conditions.joined(ctx.req(), "If-None-Match"));
        if (ifNoneMatch != null && ifNoneMatch.matchWeakly(tag)) {
            ctx.status(304);
        } else {
            ctx.contentType(type).result(bytes);
        }
    }
}
