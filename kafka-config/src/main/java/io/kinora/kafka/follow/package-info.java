/** Topics that are read from their beginning and followed, for as long as a program runs, and what a cluster holds of them. */
package io.kinora.kafka.follow;
