/** Clips by stream, by id and by place: what the clips topic holds, and one clip out of it. */
package io.kinora.kafka.clip;
