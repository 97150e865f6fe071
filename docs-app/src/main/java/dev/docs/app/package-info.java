/** The server: its configuration, its command line, and how the modules are put together. */
@NullMarked
package dev.docs.app;

import org.jspecify.annotations.NullMarked;
