/** What happens when two or more meet at one document, one upload or one quota: in chosen orders, and in crowds. */
@NullMarked
package dev.docs.app.races;

import org.jspecify.annotations.NullMarked;
