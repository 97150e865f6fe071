package dev.docs.application;

import dev.docs.domain.DocumentException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of many documents: exactly one of outcome and failure is there.
 *
 * @param index its place among all, from 0
 */
public record Created(
        int index, @Nullable Outcome outcome, @Nullable DocumentException failure) {}
