/**
 * One contract suite for each port, and the in-memory adapters that pass them.
 *
 * <p>The author of an adapter extends the suite of the port, says how to open an empty adapter, and has the port's
 * promises tested. An embedder uses the in-memory adapters in tests of its own.
 */
@NullMarked
package dev.docs.conformance;

import org.jspecify.annotations.NullMarked;
