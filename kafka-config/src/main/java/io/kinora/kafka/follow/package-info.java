/** Topics that are read from their beginning and followed, for as long as a program runs. */
package io.kinora.kafka.follow;
