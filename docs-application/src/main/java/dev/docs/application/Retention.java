package dev.docs.application;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * How long things are kept that their owners no longer need.
 *
 * @param purgeArchivedAfter an archived document that was not changed for so long is purged; null to keep it
 * @param keepVersions the newest versions of each document that are kept, the current one among them, 1 or more
 */
public record Retention(@Nullable Duration purgeArchivedAfter, int keepVersions) {
    public static final int ALL_VERSIONS = Integer.MAX_VALUE;
    public static final Retention EVERYTHING = new Retention(null, ALL_VERSIONS);

    public Retention {
        if (purgeArchivedAfter != null && purgeArchivedAfter.isNegative()) {
            throw new IllegalArgumentException("purgeArchivedAfter can't be " + purgeArchivedAfter);
        }
        if (keepVersions < 1) {
            throw new IllegalArgumentException("keepVersions can't be " + keepVersions);
        }
    }
}
