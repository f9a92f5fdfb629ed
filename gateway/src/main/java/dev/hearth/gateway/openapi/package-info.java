/** What does the admin API take and answer, for programs and for people who look? */
@NullMarked
package dev.hearth.gateway.openapi;

import org.jspecify.annotations.NullMarked;
