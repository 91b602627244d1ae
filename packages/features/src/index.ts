export type {
  Backbone,
  BackboneDescription,
  BackboneOptions,
  BackboneOutput,
  Head,
  HeadProof,
  LayerCandidate,
  Matrix,
  Pooling,
} from './backbone/backbone.ts';
