package dev.docs.adapter.http;

import dev.docs.application.NewContent;
import dev.docs.application.NewDocument;
import dev.docs.application.NewFile;
import dev.docs.domain.Metadata;
import dev.docs.domain.Sha256;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The files of a form as they come, each with the parts {@code name} and {@code metadata} before it. What is wrong with the
 * form as a whole is thrown.
 */
final class FormFiles implements Iterator<NewFile> {
    private static final int MAX_NAME_BYTES = 4 << 10;

    private final MultipartReader form;
    private final @Nullable String key;
    private @Nullable NewFile next;
    private int count;
    private boolean ended;
    private @Nullable IOException broken;

    /** @param key the request's, or null */
    FormFiles(MultipartReader form, @Nullable String key) {
        this.form = form;
        this.key = key;
    }

    /** @throws UncheckedIOException if the form breaks off; under a key it but ends there, and all before it is kept */
    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            try {
                next = read();
            } catch (IOException e) {
                if (key == null) {
                    throw new UncheckedIOException(e);
                }
                broken = e;
            }
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public NewFile next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        NewFile file = next;
        next = null;
        return file;
    }

    void requireWhole() throws IOException {
        if (broken != null) {
            throw broken;
        }
        if (count == 0) {
            throw Problem.malformed("the form has no part 'file'").raise();
        }
    }

    /** Each file of a form has a key of its own. No client sends these by chance: a key has no blank. */
    @Nullable
    String key(int index) {
        return key == null || index == 0 ? key : Sha256.hex(key + " " + index);
    }

    private @Nullable NewFile read() throws IOException {
        String name = null;
        Metadata metadata = Metadata.EMPTY;
        boolean described = false;
        for (var part = form.next(); part != null; part = form.next()) {
            switch (part.name()) {
                case "name" -> name = part.text(MAX_NAME_BYTES);
                case "metadata" ->
                    metadata = Metadata.of(Wire.readObject(part.text(Wire.MAX_JSON_BYTES), "the part 'metadata'"));
                case "file" -> {
                    return file(part, name, metadata);
                }
                default ->
                    throw Problem.field("/" + part.name(), "is not a known part; known are name, metadata, file");
            }
            described = true;
        }
        if (described && count > 0) {
            throw Problem.malformed("the parts 'name' and 'metadata' must come before the file they describe")
                    .raise();
        }
        return null;
    }

    private NewFile file(MultipartReader.Part part, @Nullable String name, Metadata metadata) {
        String called = name != null ? name : part.fileName();
        if (called == null) {
            throw Problem.field("/name", "must be given, as a part of that name or as the file's name");
        }
        NewContent content = new NewContent(part.content(), part.contentType(), null, null);
        return new NewFile(NewDocument.named(called).withMetadata(metadata), content, key(count++));
    }
}
