/** Several nodes as one service: who they are, how they find each other, and what becomes of those that are lost. */
package io.kinora.actors.cluster;
