/**
 * The use cases. {@link dev.docs.application.Docs} puts them together; {@link dev.docs.application.DocumentService} is
 * where everything that happens to a document begins, whatever the transport. All classes are safe for use by any thread.
 */
@NullMarked
package dev.docs.application;

import org.jspecify.annotations.NullMarked;
