/** What each stage of training makes smaller. */
package io.kinora.training.stage;
