package dev.docs.application;

import dev.docs.domain.DocumentUploadException;
import dev.docs.domain.MediaTypePolicy;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Content to be stored. It is read once, from the channel's position to its end, by the thread that makes the call; the
 * channel stays open. A channel whose single read blocks longer than the upload's lease loses the upload.
 *
 * @param declaredType the media type its sender states, as in a Content-Type header, or null
 * @param sizeBytes the number of bytes that will come, if known: any other number refuses the upload
 * @param sha256 what the bytes must hash to, 64 lower-case hexadecimal digits, if known
 * @param types what it may be, besides what {@link Docs.Builder#mediaTypePolicy} says of all content
 */
public record NewContent(
        ReadableByteChannel bytes,
        @Nullable String declaredType,
        @PositiveOrZero @Nullable Long sizeBytes,
        @Pattern(regexp = "[0-9a-f]{64}") @Nullable String sha256,
        MediaTypePolicy types) {

    public NewContent(
            ReadableByteChannel bytes,
            @Nullable String declaredType,
            @Nullable Long sizeBytes,
            @Nullable String sha256) {
        this(bytes, declaredType, sizeBytes, sha256, MediaTypePolicy.ANY);
    }

    public static NewContent of(ReadableByteChannel bytes) {
        return new NewContent(bytes, null, null, null);
    }

    public static NewContent of(InputStream bytes) {
        return of(bytes, null, null, null);
    }

    public static NewContent of(
            InputStream bytes, @Nullable String declaredType, @Nullable Long sizeBytes, @Nullable String sha256) {
        return new NewContent(new StreamChannel(bytes), declaredType, sizeBytes, sha256);
    }

    /** Content that is in memory already. */
    public static NewContent of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new NewContent(new BufferChannel(buffer), null, (long) bytes.length, null);
    }

    public NewContent withType(String type) {
        return new NewContent(bytes, type, sizeBytes, sha256, types);
    }

    /** Refused unless the policy lets it in; the policy of the whole application holds as well. */
    public NewContent admittedBy(MediaTypePolicy policy) {
        return new NewContent(bytes, declaredType, sizeBytes, sha256, policy);
    }

    void requireWithin(long count) {
        if (sizeBytes != null && count > sizeBytes) {
            throw DocumentUploadException.mismatch("the content has more than the " + sizeBytes + " bytes announced");
        }
    }

    void requireAsAnnounced(long count, String digest) {
        if (sizeBytes != null && sizeBytes != count) {
            throw DocumentUploadException.mismatch(
                    "the content has " + count + " bytes, not the " + sizeBytes + " announced");
        }
        if (sha256 != null && !sha256.equals(digest)) {
            throw DocumentUploadException.mismatch("the content's SHA-256 is not the one announced");
        }
    }
}
