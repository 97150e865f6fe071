package dev.docs.adapter.jdbi;

import dev.docs.domain.ByteRange;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Sha256;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.OptionalLong;

/** Small content as rows. The drivers hand it over in one piece, so it has to be small: at most 1 MiB. */
final class InlineStorage implements StorageBackend {
    private static final int MAX_BYTES = 1 << 20;

    private final Database database;

    InlineStorage(Database database) {
        this.database = database;
    }

    /** The database is its own witness: there is no other that its rows could be mistaken for. */
    @Override
    public String id() {
        return "inline";
    }

    @Override
    public Stored store(StorageUrl url, ReadableByteChannel bytes) {
        byte[] content = readAll(bytes);
        database.write(handle -> {
            Statements statements = Attached.statements(handle);
            if (statements.inlineSize(url.key()).isPresent()) {
                throw DocumentStorageException.unavailable("the storage address is taken", null);
            }
            statements.insertInline(url.key(), content);
            return content;
        });
        return new Stored(content.length, Sha256.hex(ByteBuffer.wrap(content)));
    }

    @Override
    public ReadableByteChannel retrieve(StorageUrl url, ByteRange range) {
        byte[] content = database.read(handle -> Attached.statements(handle).inline(url.key()))
                .orElseThrow(() -> DocumentStorageException.lost(url, null));
        if (content.length < range.end()) {
            throw DocumentStorageException.lost(url, null);
        }
        return Channels.newChannel(new ByteArrayInputStream(content, (int) range.offset(), (int) range.length()));
    }

    @Override
    public void delete(StorageUrl url) {
        database.free(handle -> {
            Attached.statements(handle).deleteInline(url.key());
            return url;
        });
    }

    @Override
    public OptionalLong size(StorageUrl url) {
        return database.read(handle -> Attached.statements(handle).inlineSize(url.key()))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    @Override
    public List<Entry> list(@Nullable String after, int max) {
        return database.read(handle -> handle.createQuery("SELECT storage_key, OCTET_LENGTH(bytes) AS size"
                        + " FROM inline_content WHERE storage_key > :after ORDER BY storage_key LIMIT :max")
                .bind("after", after == null ? "" : after)
                .bind("max", max)
                .map((rs, ctx) -> new Entry(rs.getString("storage_key"), rs.getLong("size")))
                .list());
    }

    @Override
    public void check() {
        database.read(handle -> Attached.statements(handle).now());
    }

    private static byte[] readAll(ReadableByteChannel bytes) {
        ByteBuffer content = ByteBuffer.allocate(MAX_BYTES + 1);
        try {
            while (content.hasRemaining() && bytes.read(content) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!content.hasRemaining()) {
            throw DocumentStorageException.unavailable("the database keeps content of up to 1 MiB only", null);
        }
        byte[] read = new byte[content.flip().remaining()];
        content.get(read);
        return read;
    }
}
