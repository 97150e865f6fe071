/**
 * Documents, the rules that govern them, and the ports through which they are kept.
 *
 * <p>Everything here is immutable and safe for use by any thread. Nothing here reads a clock, opens a file or talks to
 * a database: callers pass the time in, and adapters implement the ports {@link dev.docs.domain.DocumentRepository},
 * {@link dev.docs.domain.StorageBackend} and {@link dev.docs.domain.TokenRepository}.
 */
@NullMarked
package dev.docs.domain;

import org.jspecify.annotations.NullMarked;
