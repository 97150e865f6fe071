/** Storage on a local file system. */
@NullMarked
package dev.docs.adapter.fs;

import org.jspecify.annotations.NullMarked;
