/**
 * Measures the server as a process, each figure interleaved with a yardstick for it in the same run: absolute figures are of one
 * machine and one moment.
 */
@NullMarked
package dev.docs.bench;

import org.jspecify.annotations.NullMarked;
