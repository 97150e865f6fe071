package dev.docs.application;

import dev.docs.domain.Usage;
import org.jspecify.annotations.Nullable;

/**
 * What a user takes up and may take up.
 *
 * @param limitBytes used and reserved bytes together; null if there is no limit
 */
public record UserUsage(
        String userId, Usage usage, @Nullable Long limitBytes) {}
