@NullMarked
package dev.docs.adapter.http;

import org.jspecify.annotations.NullMarked;
