/** Detection of media types by Apache Tika's list of signatures and names. */
@NullMarked
package dev.docs.adapter.tika;

import org.jspecify.annotations.NullMarked;
