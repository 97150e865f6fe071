package dev.docs.app.model;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import dev.docs.domain.Sha256;
import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** What a caller gets to see, without ids and addresses, which the product makes up. */
sealed interface View {
    record Document(
            String owner,
            String name,
            @Nullable String declaredType,
            @Nullable String mimeType,
            DocumentStatus status,
            @Nullable String reason,
            Metadata metadata,
            long size,
            String sha256,
            int version,
            long revision,
            Instant created,
            @Nullable Instant updated)
            implements View {}

    record Version(
            int number,
            String mimeType,
            @Nullable String declaredType,
            long size,
            String sha256,
            @Nullable String verdict,
            Instant created)
            implements View {}

    record Bytes(int length, String sha256) implements View {
        static Bytes of(byte[] bytes) {
            return new Bytes(bytes.length, Sha256.hex(ByteBuffer.wrap(bytes)));
        }
    }

    record Owner(Usage usage, Quota limits) implements View {}

    record Several(List<? extends View> views) implements View {}

    record Swept(int contentsDeleted, int failed) implements View {}

    record Retained(int documentsPurged, int versionsDropped) implements View {}

    /** What a bulk request would do. */
    record Preview(int count, int unchanged, long bytes, List<View> sample, List<View> refused) implements View {}

    record Unchanged() implements View {}

    record Done() implements View {}

    record Refused(DocumentException.Kind kind) implements View {}

    record Died() implements View {}

    /** What the model says where the product may choose. */
    record AnyOf(Set<View> views) implements View {}

    static boolean agree(View model, View product) {
        return model.equals(product)
                || (model instanceof AnyOf any && any.views().contains(product));
    }
}
