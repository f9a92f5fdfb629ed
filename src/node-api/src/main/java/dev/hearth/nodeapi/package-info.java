/**
 * What gateways and nodes say to each other: gRPC messages, and what they mean in our own words.
 */
@NullMarked
package dev.hearth.nodeapi;

import org.jspecify.annotations.NullMarked;
