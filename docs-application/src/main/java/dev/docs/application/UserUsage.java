package dev.docs.application;

import dev.docs.domain.Quota;
import dev.docs.domain.Usage;

/**
 * What a user takes up and may take up: all there is to know of why something does not fit.
 *
 * @param limits the user's own, and the defaults where there are none; {@link Quota#NO_LIMIT} is none
 * @param own the user's own limits alone
 */
public record UserUsage(String userId, Usage usage, Quota limits, Quota.Own own) {}
